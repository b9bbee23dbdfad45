package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class NamedPathTest {
  private final KernelRecords records = new KernelRecords(1 << 14);

  /** {@code base} null: where the walk began is not known. */
  private String resolved(String base, String given) throws InvalidProtocolBufferException {
    records.begin(Kind.UNLINK_VALUE, Record.FileRecord.SIZE, 1, 1, 1);
    if (base != null) {
      records.path(Record.FileRecord.PATH, base);
    }
    records.text(Record.FileRecord.GIVEN, given).commit();
    Ring ring = records.ring();
    ring.refresh();
    String path = "";
    while (ring.hasHead()) {
      ProtoBuffer out = new ProtoBuffer(64, 1 << 16);
      NamedPath.write(
          out, 1, ring.data(), ring.head(), Record.FileRecord.PATH, Record.FileRecord.GIVEN);
      path = FileOperation.parseFrom(Arrays.copyOf(out.array(), out.length())).getPath();
      ring.next();
    }
    ring.release();
    return path;
  }

  @Test
  void shouldJoinWhereTheWalkBeganAndTheName() throws InvalidProtocolBufferException {
    assertThat(resolved("/home/u", "a/b")).isEqualTo("/home/u/a/b");
    assertThat(resolved("/", "a")).isEqualTo("/a");
    assertThat(resolved("/", "/etc/passwd")).isEqualTo("/etc/passwd");
    assertThat(resolved("/srv/chroot", "/etc/passwd")).isEqualTo("/srv/chroot/etc/passwd");
    assertThat(resolved("/home/u", "")).as("AT_EMPTY_PATH").isEqualTo("/home/u");
  }

  @Test
  void shouldNormalise() throws InvalidProtocolBufferException {
    assertThat(resolved("/home/u", "./a//b/.")).isEqualTo("/home/u/a/b");
    assertThat(resolved("/home/u", "../v/x/../y/")).isEqualTo("/home/v/y");
    assertThat(resolved("/home", "../../../..")).isEqualTo("/");
    assertThat(resolved("/", "..")).isEqualTo("/");
    assertThat(resolved("/home", "../../etc")).isEqualTo("/etc");
    assertThat(resolved("/home", ".../..a/b..")).isEqualTo("/home/.../..a/b..");
  }

  @Test
  void shouldNotGuessWhereARelativeNameIs() throws InvalidProtocolBufferException {
    assertThat(resolved(null, "a/b")).isEmpty();
    assertThat(resolved(null, "/a/../b")).isEqualTo("/b");
  }

  @Test
  void shouldHoldLongNamesAndOtherScripts() throws InvalidProtocolBufferException {
    String long1 = "n".repeat(200);
    assertThat(resolved("/" + long1, long1 + "/é")).isEqualTo("/" + long1 + "/" + long1 + "/é");
  }
}
