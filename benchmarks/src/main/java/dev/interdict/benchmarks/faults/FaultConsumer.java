package dev.interdict.benchmarks.faults;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.bus.tls.Identity;
import dev.interdict.record.Position;
import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A consumer that checkpoints, as a process: it appends what it gets to a file, and replaces a mark
 * that says up to which position of the stream and length of the file that is done. After a kill it
 * cuts the file to the mark and goes on from there.
 */
final class FaultConsumer {
  private static final long CHECKPOINT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final FileChannel out;
  private final Path mark;
  private final StringBuilder text = new StringBuilder();
  private long length;
  private long marked = System.nanoTime();

  private FaultConsumer(FileChannel out, Path mark) {
    this.out = out;
    this.mark = mark;
  }

  /** Identity, node, file of events, mark, addresses. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, java.util.concurrent.ExecutionException {
    Identity identity = Identity.load(Path.of(arguments[0]));
    Subscribe.Builder request =
        Subscribe.newBuilder()
            .setNode(arguments[1])
            .setCheckpointed(true)
            .setFence(System.currentTimeMillis());
    try (FileChannel out =
            FileChannel.open(
                Path.of(arguments[2]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        BusClient client =
            BusClient.connect(
                new BusConfig(FaultNode.addresses(arguments, 4), identity), "faults")) {
      FaultConsumer consumer = new FaultConsumer(out, Path.of(arguments[3]));
      consumer.resume(request);
      try (EventStream stream = client.subscribe(request.build())) {
        consumer.read(stream);
        System.out.println("the stream has ended: " + stream.end());
        System.exit(3);
      }
    }
  }

  private void resume(Subscribe.Builder request) throws IOException {
    if (!Files.exists(mark)) {
      request.setFromTime(1);
    } else {
      String[] fields = Files.readString(mark).strip().split(" ");
      request
          .getFromBuilder()
          .setNode(request.getNode())
          .setEpoch(Long.parseLong(fields[0]))
          .setSequence(Long.parseLong(fields[1]));
      length = Long.parseLong(fields[2]);
    }
    out.truncate(length);
    out.position(length);
  }

  private void read(EventStream stream)
      throws IOException, InterruptedException, java.util.concurrent.ExecutionException {
    while (stream.end() == null) {
      EventBatch batch = stream.poll();
      if (batch != null) {
        take(batch);
      } else {
        try {
          stream.available().get(CHECKPOINT_NANOS, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          // Nothing new, but what is there is to be kept in time.
          checkpoint(stream.resume());
          continue;
        }
      }
      if (System.nanoTime() - marked > CHECKPOINT_NANOS) {
        checkpoint(stream.resume());
      }
    }
  }

  private void take(EventBatch batch) throws IOException {
    while (batch.next()) {
      Event event = Event.parseFrom(ByteBuffer.wrap(batch.array(), batch.offset(), batch.length()));
      text.append(event.getKind() == Kind.GAP ? "g " : "e ")
          .append(batch.epoch())
          .append(' ')
          .append(batch.sequence())
          .append(' ');
      if (event.getKind() == Kind.GAP) {
        Gap gap = event.getGap();
        text.append(gap.getReason())
            .append(' ')
            .append(gap.getLaneValue())
            .append(' ')
            .append(gap.getFirstSequence())
            .append(' ')
            .append(gap.getLastSequence())
            .append(' ')
            .append(gap.getCount());
      } else {
        String path = event.getOpen().getPath();
        text.append(path, 0, path.indexOf('x'));
      }
      text.append('\n');
    }
  }

  private void checkpoint(Position position) throws IOException {
    marked = System.nanoTime();
    if (position == null || text.length() == 0) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    text.setLength(0);
    length += bytes.remaining();
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
    Path next = mark.resolveSibling("mark.new");
    Files.writeString(next, position.epoch() + " " + position.sequence() + " " + length + "\n");
    Files.move(next, mark, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
