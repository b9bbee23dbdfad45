package dev.interdict.cli.demo;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.cli.demo.DemoResult.Strike;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.response.ContainmentRecord;
import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.NodeInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A recorded attack, replayed through recorder, backplane and jobs where no attack can be made. The
 * events are those of a real one; only their times are moved to now.
 */
final class Flight {
  private static final String RECORDING = "flight.jsonl";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Flight() {}

  static DemoResult replay(Path directory, Story story) throws IOException, InterruptedException {
    BlockingQueue<ContainmentRecord> records = new LinkedBlockingQueue<>();
    List<Alert> alerts = new ArrayList<>();
    List<Strike> strikes = new ArrayList<>();
    Findings findings = Findings.NONE;
    String failure = null;
    story.follow(null, unixNanos());
    try (DemoStack stack =
        DemoStack.start(directory, story, Flight::take, story::reached, records::add)) {
      while (strikes.isEmpty()) {
        ContainmentRecord record = records.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (record == null) {
          throw new Demo.StepFailed(
              "the recorded attack was not recognised within " + PATIENCE.toSeconds() + " s");
        }
        Alert alert = record.alert();
        if (alerts.stream().noneMatch(known -> known.getId().equals(alert.getId()))) {
          alerts.add(alert);
        }
        if (alert.getRuleId().equals(Demo.SEQUENCE)) {
          double detect = (alert.getDetectedTime() - alert.getTime()) / 1e6;
          story.alert(alert, detect);
          strikes.add(new Strike(detect, Double.NaN, false, false, alert.getEntity().getCgroup()));
        }
      }
      findings = Findings.of(stack, alerts, story);
    } catch (Demo.StepFailed e) {
      failure = e.getMessage();
    }
    return new DemoResult(
        findings.events(), alerts, null, strikes, findings.evidenceRows(), failure);
  }

  /** A node whose recorder is filled from the recording instead of the kernel. */
  private static Closeable take(Path directory, BusConfig bus, Story story) throws IOException {
    long began = System.nanoTime();
    NodeId node = NodeId.parse(bus.identity().id());
    Recorder recorder =
        Recorder.open(RecorderConfig.of(directory.resolve("recorder")).withNode(node));
    NodeLink link =
        new NodeLink(
            bus,
            recorder,
            NodeInfo.newBuilder().setName("recording").build(),
            command ->
                CommandResult.newBuilder()
                    .setStatus(CommandResult.Status.REFUSED)
                    .setMessage("this node replays a recording: there is nothing to contain")
                    .build());
    List<Event> events = recording();
    long shift = unixNanos() - events.get(events.size() - 1).getTime();
    for (Event event : events) {
      byte[] bytes = event.toBuilder().setTime(event.getTime() + shift).build().toByteArray();
      recorder.append(Kinds.laneOf(event.getKindValue()).getNumber(), bytes, 0, bytes.length);
    }
    recorder.flush();
    story.ready("recording", events.size() + " events", System.nanoTime() - began);
    return () -> {
      link.close();
      recorder.close();
    };
  }

  private static List<Event> recording() throws IOException {
    List<Event> events = new ArrayList<>();
    for (String line : DemoStack.resource(RECORDING).lines().toList()) {
      events.add(EventJson.fromJson(line));
    }
    return events;
  }

  private static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
