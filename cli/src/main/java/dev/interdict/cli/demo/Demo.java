package dev.interdict.cli.demo;

import dev.interdict.cli.demo.DemoResult.Strike;
import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.ContainmentState;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Attacks throw-away containers and measures how each attack ended. */
final class Demo {
  /** The sequence that the demo's attack completes; the demo's policy acts on it alone. */
  static final String SEQUENCE = "5c1f0b2e-6f0c-4c6e-9d3b-7a54f7f2a9d1";

  private static final Duration SHELL = Duration.ofSeconds(20);
  private static final Duration COMMAND = Duration.ofSeconds(2);
  private static final Duration CONTAINED = Duration.ofSeconds(20);
  private static final Duration SILENCE = Duration.ofMillis(500);

  private final DemoStack stack;
  private final Story story;
  private final BlockingQueue<ContainmentRecord> records;
  private final List<Alert> alerts = new ArrayList<>();

  Demo(DemoStack stack, Story story, BlockingQueue<ContainmentRecord> records) {
    this.stack = stack;
    this.story = story;
    this.records = records;
  }

  /** A step of the demo that did not happen. */
  static final class StepFailed extends Exception {
    private static final long serialVersionUID = 1L;

    StepFailed(String message) {
      super(message);
    }

    StepFailed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Every alert about a container of the demo so far. */
  List<Alert> alerts() {
    return alerts;
  }

  /**
   * One attack on one container. The container is handed to {@code inspect} while it is contained,
   * then released and destroyed.
   */
  Strike strike(int number, Inspection inspect)
      throws StepFailed, IOException, InterruptedException {
    try (Victim victim = Victim.start("thumbnails-" + number);
        Attack attack = Attack.on(victim.service())) {
      DemoContainer container = victim.container();
      story.follow(container.id(), now());
      try {
        attack.exploit(SHELL);
      } catch (IOException e) {
        throw new StepFailed("the reverse shell did not come: " + e.getMessage(), e);
      }
      story.line("attacker: reverse shell from the service, port " + attack.socket().getPort());
      work(attack, number % 2 == 0);
      ContainmentRecord record = awaitContainment(container);
      Alert alert = record.alert();
      double detect = (alert.getDetectedTime() - alert.getTime()) / 1e6;
      double contain = record.containNanos() / 1e6;
      story.alert(alert, detect);
      boolean frozen = container.frozen();
      boolean cut = !attack.carries(SILENCE) && attack.unacknowledged() > 0;
      story.contained(
          record.times().verified(),
          contain,
          (frozen ? "processes frozen" : "NOT FROZEN")
              + ", "
              + (cut ? "connection dead" : "CONNECTION STILL CARRIES"));
      Strike strike = new Strike(detect, contain, frozen, cut, container.cgroup());
      if (!frozen) {
        throw new StepFailed("cgroup " + container.cgroup() + " is not frozen in cgroup.events");
      }
      if (!cut) {
        throw new StepFailed(
            "the attacker's connection to " + container.cgroup() + " carries data");
      }
      inspect.accept(container);
      release(record);
      return strike;
    }
  }

  /** What happens between containment and release. */
  interface Inspection {
    void accept(DemoContainer container) throws IOException, InterruptedException;
  }

  /** Goes on until the shell falls silent, which is what is expected of it. */
  private void work(Attack attack, boolean credentialsFirst) throws IOException {
    try {
      if (credentialsFirst) {
        report("cat /etc/shadow", attack.readCredentials(COMMAND));
        report("drop and execute", attack.dropAndExecute(COMMAND));
      } else {
        report("drop and execute", attack.dropAndExecute(COMMAND));
        report("cat /etc/shadow", attack.readCredentials(COMMAND));
      }
    } catch (SocketTimeoutException silent) {
      story.line("attacker: " + silent.getMessage());
    }
  }

  private void report(String command, String output) {
    story.line("attacker: `" + command + "` answered with " + output.length() + " characters");
  }

  private ContainmentRecord awaitContainment(DemoContainer container)
      throws StepFailed, InterruptedException {
    long deadline = System.nanoTime() + CONTAINED.toNanos();
    String last = "no alert about it arrived at the responder";
    while (true) {
      ContainmentRecord record =
          records.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (record == null) {
        throw new StepFailed(
            "container "
                + container.cgroup()
                + " was not contained within "
                + CONTAINED.toSeconds()
                + " s: "
                + last);
      }
      if (!record.alert().getEntity().getContainer().getId().equals(container.id())) {
        continue;
      }
      if (alerts.stream().noneMatch(alert -> alert.getId().equals(record.alert().getId()))) {
        alerts.add(record.alert());
      }
      if (!record.alert().getRuleId().equals(SEQUENCE)) {
        continue;
      }
      last = "the last word of the responder is " + record.state() + " " + record.reason();
      if (record.state() == ContainmentState.IN_FORCE) {
        return record;
      }
    }
  }

  private void release(ContainmentRecord record) throws StepFailed, InterruptedException {
    try {
      stack.responder().release(record.id()).get(CONTAINED.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new StepFailed("containment " + record.id() + " could not be released", e);
    }
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
