package dev.interdict.agent.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Process;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProtoBufferTest {
  private final ProtoBuffer out = new ProtoBuffer(16, 1 << 20);

  private byte[] written() {
    return java.util.Arrays.copyOf(out.array(), out.length());
  }

  private String text(byte[] bytes) throws InvalidProtocolBufferException {
    out.clear();
    out.text(1, bytes, 0, bytes.length);
    return FileOperation.parseFrom(written()).getPath();
  }

  @Test
  void shouldWriteWhatTheGeneratedClassesWrite() throws InvalidProtocolBufferException {
    Event expected =
        Event.newBuilder()
            .setTime(0x8123456789abcdefL)
            .setKindValue(4)
            .setProcess(
                Process.newBuilder()
                    .setId(-1)
                    .setPid(4_194_304)
                    .setUid(-2)
                    .addArgs("")
                    .addArgs("x".repeat(300))
                    .addAncestors(Ancestor.newBuilder().setId(7).setExe("/" + "é".repeat(9000))))
            .setResult(-13)
            .build();
    out.fixedAlways(1, 0x8123456789abcdefL);
    out.number(2, 4);
    int process = out.begin(3);
    out.fixed(1, -1);
    out.number(2, 4_194_304);
    out.text(6, new byte[0], 0, 0);
    out.ascii(6, "x".repeat(300));
    out.number(9, -2 & 0xffff_ffffL);
    int ancestor = out.begin(18);
    out.fixed(1, 7);
    byte[] exe = ("/" + "é".repeat(9000)).getBytes(StandardCharsets.UTF_8);
    out.text(3, exe, 0, exe.length);
    out.end(ancestor);
    out.end(process);
    out.signed(4, -13);
    assertThat(Event.parseFrom(written())).isEqualTo(expected);
    assertThat(written()).isEqualTo(expected.toByteArray());
  }

  @Test
  void shouldShowWhatIsNotUtf8AsHex() throws InvalidProtocolBufferException {
    assertThat(text(new byte[] {'a', (byte) 0xff, 'b'})).isEqualTo("a\\xffb");
    assertThat(text(new byte[] {(byte) 0xc3, (byte) 0xa9})).isEqualTo("é");
    assertThat(text(new byte[] {(byte) 0xc3})).isEqualTo("\\xc3");
    assertThat(text(new byte[] {(byte) 0xc0, (byte) 0x80})).isEqualTo("\\xc0\\x80");
    assertThat(text(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
        .isEqualTo("\\xed\\xa0\\x80");
    assertThat(text("😀".getBytes(StandardCharsets.UTF_8))).isEqualTo("😀");
    assertThat(text(new byte[] {(byte) 0xf0, (byte) 0x9f, (byte) 0x98}))
        .isEqualTo("\\xf0\\x9f\\x98");
  }

  @Test
  void shouldMakeValidUtf8OfAnyBytes() throws InvalidProtocolBufferException {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      String text = text(bytes); // the parser refuses what is not UTF-8
      int valid = 0;
      for (int at = 0; at + 3 < text.length(); at++) {
        valid += text.startsWith("\\x", at) ? 1 : 0;
      }
      assertThat(text.getBytes(StandardCharsets.UTF_8).length - 3 * valid)
          .isLessThanOrEqualTo(bytes.length);
    }
  }

  @Test
  void shouldTurnRoundAPathThatWasWrittenLeafFirst() throws InvalidProtocolBufferException {
    assertThat(path("passwd\0etc\0")).isEqualTo("/etc/passwd");
    assertThat(path("x\0")).isEqualTo("/x");
    assertThat(path("")).isEqualTo("/");
    assertThat(path("a b\0ünï\0c\0")).isEqualTo("/c/ünï/a b");
  }

  private String path(String components) throws InvalidProtocolBufferException {
    byte[] bytes = components.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 8);
    buffer.put(8, bytes);
    out.clear();
    out.path(1, buffer, 8, bytes.length);
    return FileOperation.parseFrom(written()).getPath();
  }

  @Test
  void shouldRefuseToGrowBeyondItsLimit() {
    ProtoBuffer small = new ProtoBuffer(8, 64);
    assertThatThrownBy(() -> small.text(1, new byte[100], 0, 100))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("limit=64");
  }
}
