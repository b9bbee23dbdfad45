package dev.interdict.cli;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.join.JoinDesk;
import dev.interdict.bus.join.JoinService;
import dev.interdict.bus.join.TokenReviews;
import dev.interdict.bus.local.Parts;
import dev.interdict.bus.metrics.BackplaneMetrics;
import dev.interdict.bus.tls.IdentityFiles;
import dev.interdict.bus.tls.Role;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    description = "Relay between nodes and clients. Any number of instances may run.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict certs init /etc/interdict/ca",
      "  interdict certs issue --ca /etc/interdict/ca --role backplane --id b1 --out"
          + " /etc/interdict/backplane",
      "  interdict backplane run",
      "  interdict backplane run --join 0.0.0.0:7443 --ca /etc/interdict/ca",
      "  curl -s http://127.0.0.1:9400/metrics",
      "",
      "Certificates are read again when their files change."
    })
final class BackplaneRunCommand implements Callable<Integer> {
  private static final Pattern ACCOUNT = Pattern.compile("([^/=]+)/([^/=]+)(?:=([a-z]+))?");

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:7400",
      description = "Where nodes and clients dial in (default: ${DEFAULT-VALUE}).")
  private String listen;

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      defaultValue = "/etc/interdict/backplane",
      description = "key.pem, cert.pem and ca.pem of a backplane (default: ${DEFAULT-VALUE}).")
  private Path identity;

  @Mixin private MetricsOption metrics = new MetricsOption("127.0.0.1:9400");

  @Option(
      names = "--join",
      paramLabel = "HOST:PORT",
      description = "Give certificates to hosts that have a token here; needs --ca.")
  private String join;

  @Option(
      names = "--ca",
      paramLabel = "DIR",
      description = "The authority's directory, as `interdict certs init` makes it.")
  private Path authority;

  @Option(
      names = "--validity",
      paramLabel = "DURATION",
      defaultValue = "PT720H",
      description = "Of certificates given to those who join (default: ${DEFAULT-VALUE}).")
  private Duration validity;

  @Option(
      names = "--kubernetes-account",
      paramLabel = "NAMESPACE/NAME[=ROLE]",
      description =
          "Let pods of this service account join with their token, as their node or as another"
              + " role (node, consumer, responder, admin); this process asks the cluster it runs"
              + " in.")
  private List<String> accounts = new ArrayList<>();

  @Option(
      names = "--max-rate",
      paramLabel = "BYTES/S",
      defaultValue = "0",
      description = "Sent to all clients together, in fair shares; 0: no limit.")
  private long rate;

  @Option(
      names = "--max-node-rate",
      paramLabel = "BYTES/S",
      defaultValue = "0",
      description = "Of one node; 0: no limit.")
  private long nodeRate;

  @Option(
      names = "--max-client-rate",
      paramLabel = "BYTES/S",
      defaultValue = "0",
      description = "Sent to one client; 0: no limit.")
  private long clientRate;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    try (Parts parts = new Parts()) {
      IdentityFiles files = IdentityFiles.watch(identity);
      parts.push(files::close);
      if (files.identity().role() != Role.BACKPLANE) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "the certificate in "
                + identity
                + " names "
                + files.identity().name()
                + ": its role must be backplane");
      }
      Backplane backplane = Backplane.start(config(files));
      parts.push(backplane::close);
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "relaying on %s as %s%n", HostPort.text(backplane.address()), files.identity().name());
      if (join != null) {
        JoinService service = JoinService.start(HostPort.bound(join), files, desk());
        parts.push(service::close);
        out.printf("joining on %s%n", HostPort.text(service.address()));
      }
      parts.push(metrics.start(new BackplaneMetrics(backplane), out));
      out.flush();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    backplane.close();
                    ended.countDown();
                  },
                  "interdict-stop"));
      ended.await();
    }
    return ExitCode.OK;
  }

  private BackplaneConfig config(IdentityFiles files) {
    try {
      return new BackplaneConfig(HostPort.bound(listen), files)
          .withLimits(
              new BackplaneConfig.Limits(
                  rate, nodeRate, clientRate, BackplaneConfig.Limits.NONE.maxQueuedBytes()));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private JoinDesk desk() throws IOException {
    if (authority == null) {
      throw new CommandFailure(ExitCode.USAGE, "--join needs --ca, the authority's directory");
    }
    JoinDesk.Kubernetes kubernetes = null;
    if (!accounts.isEmpty()) {
      Map<String, Role> roles = new LinkedHashMap<>();
      accounts.forEach(account -> putAccount(account, roles));
      kubernetes = new JoinDesk.Kubernetes(TokenReviews.inCluster(), roles);
    }
    return new JoinDesk(authority, validity, kubernetes, InstantSource.system());
  }

  private static void putAccount(String text, Map<String, Role> roles) {
    Matcher account = ACCOUNT.matcher(text);
    if (!account.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "invalid account `" + text + "` expected NAMESPACE/NAME or NAMESPACE/NAME=ROLE");
    }
    Role role = account.group(3) == null ? Role.NODE : CertsCommand.role(account.group(3));
    if (role == Role.BACKPLANE) {
      throw new CommandFailure(
          ExitCode.USAGE, "account `" + text + "`: a backplane is not joined, but issued");
    }
    roles.put("system:serviceaccount:" + account.group(1) + ":" + account.group(2), role);
  }
}
