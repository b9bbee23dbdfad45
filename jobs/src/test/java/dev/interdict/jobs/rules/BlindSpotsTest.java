package dev.interdict.jobs.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlindSpotsTest {
  private static final NodeId NODE = new NodeId(1, 2);
  private static final NodeId OTHER = new NodeId(1, 3);
  private static final RuleFile RING = rule("Ring", "ring", "io_uring");
  private static final RuleFile EXEC = rule("Program", "program", "exec");
  private static final RuleFile STORY =
      new RuleFile(
          "story.yml",
          """
          title: Ring, then program
          name: story
          correlation:
            type: temporal_ordered
            rules: [ring, program]
            group-by: [process.id]
            timespan: 1m
          ---
          title: Many rings
          name: many
          correlation:
            type: event_count
            rules: [ring]
            group-by: [process.id]
            timespan: 1m
            condition: {gte: 3}
          ---
          title: Programs
          correlation:
            type: event_count
            rules: [program]
            group-by: [process.id]
            timespan: 1m
            condition: {gte: 3}
          """);

  private static RuleFile rule(String title, String name, String service) {
    return new RuleFile(
        name + ".yml",
        """
        title: %s
        name: %s
        logsource: {product: interdict, service: %s}
        detection:
          program: {process.exe: /bin/x}
          condition: program
        """
            .formatted(title, name, service));
  }

  private static final RuleSet SET = RuleSet.of(List.of(RING, EXEC, STORY));

  @Test
  void shouldNameWhatNeedsAKindThatIsNotSeen() {
    assertThat(BlindSpots.blind(SET, Kinds.bit(Kind.IO_URING)))
        .containsExactly("Many rings", "Ring", "Ring, then program");
    assertThat(BlindSpots.blind(SET, Kinds.bit(Kind.KEXEC))).isEmpty();
    assertThat(BlindSpots.blind(SET, 0)).isEmpty();
  }

  @Test
  void shouldCountEachRuleOnceWhateverTheNodes() throws IOException {
    BlindSpots blind = new BlindSpots(RuleBundle.of(SET));
    blind.unseen(NODE, "old", List.of(Kind.IO_URING));
    blind.unseen(OTHER, "older", List.of(Kind.IO_URING, Kind.EXEC));
    assertThat(blind.rules()).isEqualTo(5);
    blind.unseen(OTHER, "older", List.of());
    assertThat(blind.rules()).isEqualTo(3);

    blind.judge(RuleBundle.of(RuleSet.of(List.of(EXEC))));
    assertThat(blind.rules()).isZero();
    blind.judge(RuleBundle.of(RuleSet.of(List.of(RING, EXEC))));
    assertThat(blind.rules()).isEqualTo(1);
    blind.unseen(NODE, "old", List.of());
    assertThat(blind.rules()).isZero();
  }
}
