package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.record.RecordLog.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordLogTest {
  @TempDir Path directory;

  @Test
  void shouldKeepEntriesOverACrash() throws IOException {
    List<Entry> written = new ArrayList<>();
    Path image;
    try (RecordLog log = RecordLog.open(directory.resolve("a"))) {
      for (int length : new int[] {0, 1, 127, 128, 5_000, RecordLog.MAX_PAYLOAD_LENGTH}) {
        byte[] payload = new byte[length];
        java.util.Arrays.fill(payload, (byte) 0x8f);
        Position position = log.append(1_000 + length, length % 60, payload);
        written.add(new Entry(position, 1_000 + length, length % 60, payload));
        log.sync();
      }
      image = Images.copy(directory.resolve("a"), directory.resolve("b"));
    }
    try (RecordLog log = RecordLog.open(image)) {
      List<Entry> read = new ArrayList<>();
      Position next = log.read(null, read::add);
      assertThat(read).isEqualTo(written);
      Position position = log.append(9, 3, new byte[] {1});
      log.sync();
      List<Entry> more = new ArrayList<>();
      log.read(next, more::add);
      assertThat(more).containsExactly(new Entry(position, 9, 3, new byte[] {1}));
    }
  }

  @Test
  void shouldRefuseWhatItCannotHold() throws IOException {
    try (RecordLog log = RecordLog.open(directory)) {
      byte[] large = new byte[RecordLog.MAX_PAYLOAD_LENGTH + 1];
      assertThatThrownBy(() -> log.append(1, 1, large)).hasMessageContaining("limit=262080");
      assertThatThrownBy(() -> log.append(1, 62, new byte[1]))
          .hasMessage("invalid kind=62 limit=61");
    }
  }
}
