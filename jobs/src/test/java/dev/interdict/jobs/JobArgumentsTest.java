package dev.interdict.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.jobs.source.Start;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobArgumentsTest {
  @Test
  void shouldReadWhereTheBusIs() {
    JobArguments arguments =
        JobArguments.parse(
            new String[] {"--backplanes", "one:7000,[::1]:7001", "--identity", "/etc/interdict"});
    assertThat(arguments.bus().backplanes()).isEqualTo(List.of("one:7000", "[::1]:7001"));
    assertThat(arguments.bus().identity()).isEqualTo("/etc/interdict");
    assertThat(arguments.start()).isEqualTo(Start.EARLIEST);
    assertThat(arguments.maxParallelism()).isEqualTo(128);
  }

  @Test
  void shouldReadWhereToStart() {
    assertThat(JobArguments.parse(new String[] {"--start", "live"}).start()).isEqualTo(Start.LIVE);
  }

  @Test
  void shouldNameWhatIsWrong() {
    assertThatThrownBy(() -> JobArguments.parse(new String[] {"--rule", "x"}, "rules"))
        .hasMessageContaining("--rule")
        .hasMessageContaining("rules");
    assertThatThrownBy(() -> JobArguments.parse(new String[] {"--start"}))
        .hasMessage("no value for --start");
    assertThatThrownBy(() -> JobArguments.parse(new String[] {"--start", "live", "--start", "x"}))
        .hasMessage("--start is given twice");
    assertThatThrownBy(() -> JobArguments.parse(new String[0]).bus())
        .hasMessage("--backplanes is missing");
    assertThatThrownBy(
            () ->
                JobArguments.parse(new String[] {"--backplanes", "one:99999", "--identity", "x"})
                    .bus())
        .hasMessage("invalid backplane=one:99999 expected=host:port");
  }
}
