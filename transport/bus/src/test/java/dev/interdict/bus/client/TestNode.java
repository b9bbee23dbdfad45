package dev.interdict.bus.client;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Process;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A node with a real recorder whose events say which number they have. */
final class TestNode implements Closeable {
  static final long START = 1_700_000_000_000_000_000L;
  private static final Kind[] KINDS = {Kind.EXEC, Kind.CONNECT, Kind.OPEN};

  final Recorder recorder;
  final NodeLink link;
  private long written;

  TestNode(BackplaneFixture bus, Path directory) throws IOException {
    this(bus, directory, command -> CommandResult.getDefaultInstance());
  }

  TestNode(BackplaneFixture bus, Path directory, CommandHandler commands) throws IOException {
    this(bus, directory, commands, NodeInfo.newBuilder().setName("test").build());
  }

  TestNode(BackplaneFixture bus, Path directory, CommandHandler commands, NodeInfo info)
      throws IOException {
    this(bus, directory, commands, info, config -> config);
  }

  TestNode(
      BackplaneFixture bus,
      Path directory,
      CommandHandler commands,
      NodeInfo info,
      UnaryOperator<BusConfig> settings)
      throws IOException {
    recorder = Recorder.open(RecorderConfig.of(directory));
    link =
        new NodeLink(
            settings.apply(bus.config(bus.issue(Role.NODE, recorder.node().toString()))),
            recorder,
            info,
            commands,
            directory.resolveSibling(directory.getFileName() + ".fences"));
    written = recorder.lastSequence();
  }

  NodeId id() {
    return recorder.node();
  }

  String name() {
    return recorder.node().toString();
  }

  Position at(long sequence) {
    return new Position(id(), recorder.epoch(), sequence);
  }

  dev.interdict.schema.Position wireAt(long sequence) {
    return dev.interdict.schema.Position.newBuilder()
        .setNode(name())
        .setEpoch(recorder.epoch())
        .setSequence(sequence)
        .build();
  }

  static String text(long sequence) {
    return "/event/" + sequence;
  }

  /** So that it stays large when compressed. */
  static String noise(int length) {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) (' ' + random.nextInt(94)));
    }
    return text.toString();
  }

  /** One batch, spread over the three lanes. */
  void write(int events) {
    write(events, "");
  }

  void write(int events, String padding) {
    for (int i = 0; i < events; i++) {
      write(KINDS[i % KINDS.length], padding);
    }
    recorder.flush();
  }

  void write(Kind kind, String padding) {
    write(kind, padding, null);
  }

  /** In a container of the pod, if there is one. */
  void write(Kind kind, String padding, String pod) {
    written++;
    Event.Builder made =
        Event.newBuilder()
            .setTime(START + written * 1_000_000)
            .setKind(kind)
            .setOpen(FileOperation.newBuilder().setPath(text(written)).setGiven(padding));
    if (pod != null) {
      made.setProcess(Process.newBuilder().setContainer(Container.newBuilder().setPod(pod)));
    }
    byte[] event = made.build().toByteArray();
    int lane = kind == Kind.EXEC ? 0 : kind == Kind.CONNECT ? 1 : 2;
    long sequence = recorder.append(lane, event, 0, event.length);
    if (sequence != written) {
      throw new IllegalStateException("sequence=" + sequence + " expected=" + written);
    }
  }

  @Override
  public void close() throws IOException {
    link.close();
    recorder.close();
  }
}
