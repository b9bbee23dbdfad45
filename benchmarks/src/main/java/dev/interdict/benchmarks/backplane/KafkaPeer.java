package dev.interdict.benchmarks.backplane;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Apache Kafka: one broker that is its own controller, one partition, without TLS. */
final class KafkaPeer {
  private static final String TOPIC_PREFIX = "events-";

  private KafkaPeer() {}

  /** What {@code kafka.Kafka} is started with. */
  static Path configure(Path directory, int port) throws IOException {
    Path file = directory.resolve("server.properties");
    Files.writeString(
        file,
        String.join(
            "\n",
            "process.roles=broker,controller",
            "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + (port + 1),
            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + (port + 1),
            "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs=" + directory.resolve("log"),
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "auto.create.topics.enable=true",
            "num.partitions=1",
            // As the recorder: acknowledged in the page cache, on the disk each 100 ms.
            "log.flush.interval.ms=100",
            "log.flush.scheduler.interval.ms=100",
            ""));
    return file;
  }

  /** Port, name of the topic. */
  static final class Output implements Sink {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private volatile Exception failure;

    Output(String[] own) {
      topic = TOPIC_PREFIX + own[1];
      producer =
          new KafkaProducer<>(
              Map.of(
                  "bootstrap.servers",
                  "127.0.0.1:" + own[0],
                  "acks",
                  "1",
                  "linger.ms",
                  "5",
                  "batch.size",
                  Integer.toString(256 << 10),
                  "buffer.memory",
                  Long.toString(128L << 20),
                  "compression.type",
                  "zstd"),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }

    @Override
    public void send(int node, byte[] event) throws IOException {
      if (failure != null) {
        throw new IOException("Kafka did not take an event", failure);
      }
      producer.send(
          new ProducerRecord<>(topic, 0, null, event.clone()),
          (metadata, e) -> failure = e == null ? failure : e);
    }

    @Override
    public void flush() {
      // linger.ms does it
    }

    @Override
    public void close() throws IOException {
      producer.close();
      if (failure != null) {
        throw new IOException("Kafka did not take an event", failure);
      }
    }
  }

  /** Port, name of the topic. */
  static final class Input implements Source {
    private final String[] own;

    Input(String[] own) {
      this.own = own;
    }

    @Override
    public void read(Receiver receiver) {
      Map<String, Object> config =
          Map.of(
              "bootstrap.servers",
              "127.0.0.1:" + own[0],
              "auto.offset.reset",
              "earliest",
              "enable.auto.commit",
              "false",
              "max.poll.records",
              "10000",
              "max.partition.fetch.bytes",
              Integer.toString(4 << 20));
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        TopicPartition partition = new TopicPartition(TOPIC_PREFIX + own[1], 0);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        System.out.println("ready");
        while (true) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
            long sent =
                ByteBuffer.wrap(record.value())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong(Producer.TIME_OFFSET);
            if (!receiver.accept(sent)) {
              return;
            }
          }
        }
      }
    }
  }
}
