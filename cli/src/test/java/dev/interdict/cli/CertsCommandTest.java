package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.bus.join.JoinDesk;
import dev.interdict.bus.join.JoinService;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CertsCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path directory;

  private int run(String... arguments) {
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    out.getBuffer().setLength(0);
    return command.execute(arguments);
  }

  private String ca() {
    return directory.resolve("ca").toString();
  }

  @Test
  void shouldMakeAnAuthorityOnceAndIssue() throws Exception {
    assertThat(run("certs", "init", ca())).isEqualTo(ExitCode.OK);
    assertThat(run("certs", "init", ca())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("holds an authority already");

    Path issued = directory.resolve("detection");
    assertThat(
            run(
                "certs",
                "issue",
                "--ca",
                ca(),
                "--role",
                "consumer",
                "--id",
                "detection",
                "--out",
                issued.toString()))
        .isEqualTo(ExitCode.OK);
    assertThat(Identity.load(issued).name()).isEqualTo(new PeerName(Role.CONSUMER, "detection"));
    assertThat(run("certs", "show", issued.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("certificate of consumer/detection")
        .contains("valid until");
  }

  @Test
  void shouldSayWhatIsWrong() {
    run("certs", "init", ca());
    String to = directory.resolve("x").toString();
    assertThat(run("certs", "issue", "--ca", ca(), "--role", "king", "--id", "a", "--out", to))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("unknown role=king");
    assertThat(run("certs", "issue", "--ca", ca(), "--role", "admin", "--out", to))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--id is needed");
    assertThat(run("certs", "join", "--server", "127.0.0.1:1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("either --token or --kubernetes-token");
  }

  @Test
  void shouldLetAHostJoinByTokenOnceAndRenew() throws Exception {
    run("certs", "init", ca());
    run(
        "certs",
        "issue",
        "--ca",
        ca(),
        "--role",
        "backplane",
        "--id",
        "b",
        "--out",
        directory.resolve("b").toString());
    assertThat(run("certs", "token", "--ca", ca())).isEqualTo(ExitCode.OK);
    String token = out.toString().strip();
    try (JoinService service =
        JoinService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Identity.load(directory.resolve("b")),
            new JoinDesk(
                directory.resolve("ca"), Duration.ofHours(1), null, InstantSource.system()))) {
      String server = "127.0.0.1:" + service.address().getPort();
      Path agent = directory.resolve("agent");
      String[] join = {
        "certs",
        "join",
        "--server",
        server,
        "--token",
        token,
        "--out",
        agent.toString(),
        "--data",
        directory.resolve("data").toString()
      };
      assertThat(run(join)).isEqualTo(ExitCode.OK);
      Identity joined = Identity.load(agent);
      assertThat(joined.role()).isEqualTo(Role.NODE);

      assertThat(run(join)).isEqualTo(ExitCode.FAILED);
      assertThat(err.toString()).contains("was used before");
      assertThat(run("certs", "renew", "--server", server, "--identity", agent.toString()))
          .isEqualTo(ExitCode.OK);
      assertThat(Identity.load(agent).name()).isEqualTo(joined.name());
      assertThat(Identity.load(agent).certificate()).isNotEqualTo(joined.certificate());
    }
  }
}
