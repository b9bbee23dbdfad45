package dev.interdict.benchmarks.backplane;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** NATS JetStream: one server, one stream in files, without TLS and without compression. */
final class NatsPeer {
  private NatsPeer() {}

  private static Connection connect(String port) throws IOException, InterruptedException {
    return Nats.connect(
        Options.builder()
            .server("nats://127.0.0.1:" + port)
            .maxMessagesInOutgoingQueue(100_000)
            .connectionTimeout(Duration.ofSeconds(10))
            .build());
  }

  private static void createStream(Connection connection, String name)
      throws IOException, JetStreamApiException {
    connection
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name(name)
                .subjects(name)
                .storageType(StorageType.File)
                .build());
  }

  /** Port, name of the stream. */
  static final class Output implements Sink {
    private static final int MAX_UNACKNOWLEDGED = 4_000;

    private final Connection connection;
    private final JetStream stream;
    private final String name;
    private final ArrayDeque<CompletableFuture<PublishAck>> unacknowledged = new ArrayDeque<>();

    Output(String[] own) throws IOException, InterruptedException {
      connection = connect(own[0]);
      name = own[1];
      stream = connection.jetStream();
    }

    @Override
    public void send(int node, byte[] event) throws IOException {
      if (unacknowledged.size() >= MAX_UNACKNOWLEDGED) {
        acknowledge(MAX_UNACKNOWLEDGED / 2);
      }
      unacknowledged.add(stream.publishAsync(name, event.clone()));
    }

    private void acknowledge(int left) throws IOException {
      try {
        while (unacknowledged.size() > left) {
          unacknowledged.remove().get();
        }
      } catch (ExecutionException e) {
        throw new IOException("NATS did not take an event", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public void flush() {
      // what is published goes out at once
    }

    @Override
    public void close() throws IOException {
      acknowledge(0);
      try {
        connection.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Port, name of the stream, which it makes. */
  static final class Input implements Source {
    private final String[] own;

    Input(String[] own) {
      this.own = own;
    }

    @Override
    public void read(Receiver receiver) throws IOException, InterruptedException {
      try (Connection connection = connect(own[0])) {
        createStream(connection, own[1]);
        JetStreamSubscription subscription =
            connection
                .jetStream()
                .subscribe(own[1], PushSubscribeOptions.builder().ordered(true).build());
        subscription.setPendingLimits(-1, -1);
        System.out.println("ready");
        while (true) {
          Message message = subscription.nextMessage(Duration.ofSeconds(1));
          if (message != null) {
            long sent =
                ByteBuffer.wrap(message.getData())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong(Producer.TIME_OFFSET);
            if (!receiver.accept(sent)) {
              return;
            }
          }
        }
      } catch (JetStreamApiException e) {
        throw new IOException(e);
      }
    }
  }
}
