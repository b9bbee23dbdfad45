package dev.interdict.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class KindsTest {
  @Test
  void shouldFitEveryKindIntoABitMap() {
    long all = 0;
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED) {
        assertThat(all & Kinds.bit(kind)).as(kind.name()).isZero();
        all |= Kinds.bit(kind);
      }
    }
    assertThat(Kinds.bits(List.of(Kind.EXEC, Kind.TICK))).isEqualTo(2L | 1L << 63);
    assertThatThrownBy(() -> Kinds.bit(64)).hasMessage("invalid kind=64 limit=63");
  }

  @Test
  void shouldParseWhatItPrints() {
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED && kind != Kind.KIND_UNSPECIFIED) {
        assertThat(Kinds.parse(Kinds.name(kind.getNumber()))).isEqualTo(kind);
      }
    }
    assertThatThrownBy(() -> Kinds.parse("dance")).hasMessageStartingWith("unknown kind=dance");
  }

  @Test
  void shouldKeepFilesAndConnectionsOutOfTheLaneOfProcesses() {
    assertThat(Kinds.laneOf(Kind.OPEN_VALUE)).isEqualTo(Lane.FILE);
    assertThat(Kinds.laneOf(Kind.ACCEPT_VALUE)).isEqualTo(Lane.NETWORK);
    assertThat(Kinds.laneOf(Kind.GAP_VALUE)).isEqualTo(Lane.PROCESS);
    assertThat(Kinds.laneOf(40)).isEqualTo(Lane.PROCESS);
  }
}
