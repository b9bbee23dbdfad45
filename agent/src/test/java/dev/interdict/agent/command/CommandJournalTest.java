package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandJournalTest {
  private static final Held HELD =
      new Held("c1", "alert", "boot", "/app", 42, true, true, true, 1000, 2000, null);

  @TempDir Path directory;

  @Test
  void shouldRememberCommandsAnswersAndContainments() throws Exception {
    try (CommandJournal journal = new CommandJournal(directory, 0)) {
      journal.accept(command(1, 100), 0);
      journal.hold(HELD);
      journal.answered(CommandResult.newBuilder().setCommandId("id1").setMessage("ok").build());
      journal.write(0);
    }
    try (CommandJournal journal = new CommandJournal(directory, 50)) {
      assertThat(journal.command("id1")).isEqualTo(command(1, 100));
      assertThat(journal.answer("id1").getMessage()).isEqualTo("ok");
      assertThat(journal.nonceUsed(nonce(1))).isTrue();
      assertThat(journal.nonceUsed(nonce(2))).isFalse();
      assertThat(journal.held()).containsExactly(HELD);
    }
  }

  @Test
  void shouldForgetCommandsThatExpiredButKeepContainments() throws Exception {
    try (CommandJournal journal = new CommandJournal(directory, 0)) {
      journal.accept(command(1, 100), 0);
      journal.hold(HELD);
      journal.write(0);
    }
    try (CommandJournal journal = new CommandJournal(directory, 101)) {
      assertThat(journal.command("id1")).isNull();
      assertThat(journal.nonceUsed(nonce(1))).isFalse();
      assertThat(journal.held()).containsExactly(HELD);
      journal.ended("c1");
      journal.write(101);
    }
    try (CommandJournal journal = new CommandJournal(directory, 101)) {
      assertThat(journal.held()).isEmpty();
    }
  }

  @Test
  void shouldTakeATornOrDamagedRecordForOneThatNeverHappened() throws Exception {
    Path file = directory.resolve("commands.journal");
    long whole;
    try (CommandJournal journal = new CommandJournal(directory, 0)) {
      journal.accept(command(1, 100), 0);
      journal.write(0);
      whole = Files.size(file);
      journal.accept(command(2, 100), 0);
      journal.write(0);
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int cut = (int) whole; cut < bytes.length; cut++) {
      Files.write(file, Arrays.copyOf(bytes, cut));
      assertOnlyFirstIsRemembered();
    }
    Files.write(file, bytes);
    try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
      damaged.seek(bytes.length - 1);
      damaged.write(bytes[bytes.length - 1] ^ 1);
    }
    assertOnlyFirstIsRemembered();
  }

  @Test
  void shouldBoundWhatItRemembers() throws Exception {
    try (CommandJournal journal = new CommandJournal(directory, 0)) {
      for (int i = 0; i < CommandJournal.MAX_COMMANDS; i++) {
        journal.accept(command(i, i < 10 ? 100 : 200), 0);
      }
      assertThatThrownBy(() -> journal.accept(command(99_999, 200), 100))
          .isInstanceOf(RefusedException.class)
          .hasMessage("too many commands have not expired yet: limit=16384");
      journal.accept(command(99_999, 200), 101);
      assertThat(journal.command("id3")).isNull();
      assertThat(journal.command("id99999")).isNotNull();
    }
  }

  private void assertOnlyFirstIsRemembered() throws IOException {
    try (CommandJournal journal = new CommandJournal(directory, 0)) {
      assertThat(journal.command("id1")).isNotNull();
      assertThat(journal.command("id2")).isNull();
    }
  }

  private static Command command(int number, long expires) {
    return Command.newBuilder()
        .setId("id" + number)
        .setNonce(nonce(number))
        .setExpires(expires)
        .build();
  }

  private static ByteString nonce(int number) {
    return ByteString.copyFromUtf8(String.format("%016d", number));
  }
}
