package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeRestartTest {
  private final BackplaneFixture bus = new BackplaneFixture();

  NodeRestartTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  @Test
  void shouldShowANewEpochAfterAnUncleanStop(@TempDir Path directory) throws Exception {
    TestNode before = new TestNode(bus, directory);
    before.write(10);
    BusClient client = bus.client(Role.CONSUMER, "job");
    EventStream stream =
        client.subscribe(
            Subscribe.newBuilder().setNode(before.name()).setFrom(before.wireAt(1)).build());
    StreamReader reader = new StreamReader(stream);
    reader.readTo(10);
    long epoch = before.recorder.epoch();
    before.close();
    Files.delete(directory.resolve("clean"));

    TestNode after = bus.closeLater(new TestNode(bus, directory));
    assertThat(after.recorder.epoch()).isGreaterThan(epoch);
    while (reader.epochs.size() < 2) {
      reader.readBatch();
    }

    assertThat(reader.epochs).containsExactly(epoch, after.recorder.epoch());
    assertThat(reader.gaps).hasSize(1);
    assertThat(stream.resume().epoch()).isEqualTo(after.recorder.epoch());
  }
}
