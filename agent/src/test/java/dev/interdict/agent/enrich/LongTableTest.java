package dev.interdict.agent.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LongTableTest {
  @Test
  void shouldAgreeWithAMapThroughAnyPutsAndRemoves() {
    LongTable table = new LongTable(16);
    Map<Long, Integer> map = new HashMap<>();
    Random random = new Random(3);
    for (int i = 0; i < 200_000; i++) {
      long key = 1 + random.nextInt(500);
      if (random.nextInt(3) == 0) {
        table.remove(key);
        map.remove(key);
      } else {
        table.put(key, i);
        map.put(key, i);
      }
      long asked = 1 + random.nextInt(500);
      assertThat(table.get(asked)).isEqualTo(map.getOrDefault(asked, LongTable.ABSENT));
    }
    assertThat(table.size()).isEqualTo(map.size());
  }
}
