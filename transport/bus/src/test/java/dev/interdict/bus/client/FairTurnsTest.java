package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.bus.client.FairTurns.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairTurnsTest {
  private final FairTurns<String> turns = new FairTurns<>(work -> work.substring(0, 1));
  private final List<String> served = new ArrayList<>();

  private boolean round(Outcome outcome) {
    return turns.round(
        work -> {
          served.add(work);
          return outcome;
        });
  }

  @Test
  void shouldGiveEachOwnerOneSliceHoweverMuchWorkItHas() {
    List.of("a1", "a2", "a3", "b1").forEach(turns::add);
    for (int i = 0; i < 3; i++) {
      assertThat(round(Outcome.USED_UP)).isTrue();
    }
    assertThat(served).containsExactly("a1", "b1", "a2", "b1", "a3", "b1");
  }

  @Test
  void shouldPassOverWhatHasNothingToDo() {
    List.of("a1", "a2", "b1").forEach(turns::add);
    assertThat(round(Outcome.IDLE)).isFalse();
    assertThat(served).containsExactly("a1", "a2", "b1");
  }

  @Test
  void shouldForgetWhatIsGone() {
    List.of("a1", "b1").forEach(turns::add);
    assertThat(round(Outcome.GONE)).isFalse();
    assertThat(round(Outcome.USED_UP)).isFalse();
    assertThat(served).containsExactly("a1", "b1");
  }
}
