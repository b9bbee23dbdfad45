package dev.interdict.agent.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The node's memory of commands and containments, across restarts: which command ids and nonces
 * were used and how they were answered, until they expire; which containments are in force. A log
 * of records {@code u32 length | u32 crc32c | u8 type | payload}, rewritten without what is over
 * when it has grown. A torn record at the end never happened. One thread at a time.
 */
final class CommandJournal implements AutoCloseable {
  static final int MAX_COMMANDS = 16_384;
  private static final String FILE = "commands.journal";
  private static final long REWRITE_BYTES = 4 << 20;
  private static final int MAX_RECORD = 1 << 20;
  private static final int HEADER = 9;

  private static final byte ACCEPTED = 1;
  private static final byte ANSWERED = 2;
  private static final byte HELD = 3;
  private static final byte ENDED = 4;

  private final Path file;
  private final Map<String, Command> commands = new LinkedHashMap<>();
  private final Map<String, CommandResult> answers = new HashMap<>();
  private final Map<ByteString, String> nonces = new HashMap<>();
  private final Map<String, Held> held = new LinkedHashMap<>();
  private FileChannel channel;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

  CommandJournal(Path directory, long now) throws IOException {
    file = directory.resolve(FILE);
    if (Files.exists(file)) {
      load(ByteBuffer.wrap(Files.readAllBytes(file)));
    }
    rewrite(now);
  }

  /** Null if no command of that id is remembered. */
  Command command(String id) {
    return commands.get(id);
  }

  /** Null if the command was never answered: the agent went down while it was carried out. */
  CommandResult answer(String commandId) {
    return answers.get(commandId);
  }

  boolean nonceUsed(ByteString nonce) {
    return nonces.containsKey(nonce);
  }

  Collection<Held> held() {
    return List.copyOf(held.values());
  }

  Held held(String id) {
    return held.get(id);
  }

  /** Remembers a command before it is carried out; in the file with the next {@link #write}. */
  void accept(Command command, long now) throws IOException, RefusedException {
    if (commands.size() >= MAX_COMMANDS) {
      forgetExpired(now);
      if (commands.size() >= MAX_COMMANDS) {
        throw new RefusedException("too many commands have not expired yet: limit=" + MAX_COMMANDS);
      }
    }
    remember(command);
    append(pending, ACCEPTED, command.toByteArray());
  }

  void answered(CommandResult result) throws IOException {
    answers.put(result.getCommandId(), result);
    append(pending, ANSWERED, result.toByteArray());
  }

  void hold(Held containment) throws IOException {
    held.put(containment.id(), containment);
    append(pending, HELD, encode(containment));
  }

  void ended(String containmentId) throws IOException {
    held.remove(containmentId);
    append(pending, ENDED, containmentId.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Hands what is pending to the kernel: it outlives this process, not a crash of the host. What
   * cannot be written stays pending, and the file without a torn record.
   */
  void write(long now) throws IOException {
    if (channel.size() + pending.size() > REWRITE_BYTES) {
      rewrite(now);
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
    long good = channel.size();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      channel.truncate(good);
      throw e;
    }
    pending.reset();
  }

  @Override
  public void close() throws IOException {
    channel.force(false);
    channel.close();
  }

  private void load(ByteBuffer bytes) throws IOException {
    while (bytes.remaining() >= HEADER) {
      int length = bytes.getInt();
      int crc = bytes.getInt();
      if (length < 1 || length > Math.min(MAX_RECORD, bytes.remaining())) {
        return;
      }
      ByteBuffer record = bytes.slice(bytes.position(), length);
      bytes.position(bytes.position() + length);
      CRC32C actual = new CRC32C();
      actual.update(record.duplicate());
      if ((int) actual.getValue() != crc) {
        return;
      }
      byte type = record.get();
      byte[] payload = new byte[record.remaining()];
      record.get(payload);
      replay(type, payload);
    }
  }

  private void replay(byte type, byte[] payload) throws IOException {
    try {
      switch (type) {
        case ACCEPTED -> remember(Command.parseFrom(payload));
        case ANSWERED -> {
          CommandResult result = CommandResult.parseFrom(payload);
          answers.put(result.getCommandId(), result);
        }
        case HELD -> {
          Held containment = Held.read(new DataInputStream(new ByteArrayInputStream(payload)));
          held.put(containment.id(), containment);
        }
        case ENDED -> held.remove(new String(payload, StandardCharsets.UTF_8));
        default ->
            throw new IOException(file + ": unknown record type=" + type + ", a newer version's?");
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(file + ": unreadable record of type=" + type, e);
    }
  }

  private void remember(Command command) {
    commands.put(command.getId(), command);
    nonces.put(command.getNonce(), command.getId());
  }

  private void forgetExpired(long now) {
    List<Command> expired = new ArrayList<>();
    for (Command command : commands.values()) {
      if (command.getExpires() < now) {
        expired.add(command);
      }
    }
    for (Command command : expired) {
      commands.remove(command.getId());
      answers.remove(command.getId());
      nonces.remove(command.getNonce());
    }
  }

  private void rewrite(long now) throws IOException {
    forgetExpired(now);
    answers.keySet().retainAll(commands.keySet());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Command command : commands.values()) {
      append(all, ACCEPTED, command.toByteArray());
    }
    for (CommandResult answer : answers.values()) {
      append(all, ANSWERED, answer.toByteArray());
    }
    for (Held containment : held.values()) {
      append(all, HELD, encode(containment));
    }
    Path temporary = file.resolveSibling(FILE + ".new");
    try (FileChannel fresh =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(all.toByteArray());
      while (bytes.hasRemaining()) {
        fresh.write(bytes);
      }
      fresh.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
    if (channel != null) {
      channel.close();
    }
    channel = FileChannel.open(file, StandardOpenOption.APPEND);
    pending.reset();
  }

  private static void append(ByteArrayOutputStream to, byte type, byte[] payload)
      throws IOException {
    if (payload.length + 1 > MAX_RECORD) {
      throw new IOException("invalid record.length=" + payload.length + " limit=" + MAX_RECORD);
    }
    CRC32C crc = new CRC32C();
    crc.update(type);
    crc.update(payload);
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putInt(payload.length + 1).putInt((int) crc.getValue()).put(type);
    to.write(header.array());
    to.write(payload);
  }

  private static byte[] encode(Held containment) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    containment.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
