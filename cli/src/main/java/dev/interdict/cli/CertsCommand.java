package dev.interdict.cli;

import dev.interdict.bus.join.JoinClient;
import dev.interdict.bus.join.JoinRefusedException;
import dev.interdict.bus.join.JoinToken;
import dev.interdict.bus.join.JoinTokens;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "certs",
    description = "A small certificate authority for the bus, and how hosts come by certificates.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  interdict certs init /etc/interdict/ca",
      "  interdict certs issue --ca /etc/interdict/ca --role consumer --id detection --out"
          + " detection",
      "  interdict certs token --ca /etc/interdict/ca --role node          (prints a token)",
      "  interdict certs join --server backplane:7443 --token TOKEN --out /etc/interdict/agent"
    })
final class CertsCommand implements Runnable {
  private static final Duration RETRY = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    command.usage(command.getOut());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  static Role role(String text) {
    try {
      return Role.parse(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          e.getMessage() + ", known: node, consumer, responder, admin, backplane",
          e);
    }
  }

  @Command(
      name = "init",
      description = "Make an authority: ca-key.pem, to be kept, and ca.pem, to be given to all.",
      mixinStandardHelpOptions = true)
  int init(
      @Parameters(paramLabel = "DIR", description = "New, or empty.") Path directory,
      @Option(names = "--name", defaultValue = "Interdict", description = "Of the authority.")
          String name,
      @Option(
              names = "--validity",
              paramLabel = "DURATION",
              defaultValue = "P3650D",
              description = "Default: ${DEFAULT-VALUE}.")
          Duration validity)
      throws IOException {
    if (Files.exists(directory.resolve(Pki.KEY_FILE))) {
      throw new CommandFailure(
          ExitCode.USAGE,
          directory + " holds an authority already; a second one would lock out its peers");
    }
    Pki.create(name, validity).save(directory);
    out().printf("authority in %s; keep %s secret%n", directory, Pki.KEY_FILE).flush();
    return ExitCode.OK;
  }

  @Command(
      name = "issue",
      description = "Make a key and its certificate.",
      mixinStandardHelpOptions = true)
  int issue(
      @Option(names = "--ca", paramLabel = "DIR", required = true) Path authority,
      @Option(
              names = "--role",
              required = true,
              description = "node, consumer, responder, admin or backplane.")
          String role,
      @Option(
              names = "--id",
              description = "Who it is; of a node the id of its recorder (default: a new one).")
          String id,
      @Option(names = "--out", paramLabel = "DIR", required = true) Path directory,
      @Option(
              names = "--validity",
              paramLabel = "DURATION",
              defaultValue = "P365D",
              description = "Default: ${DEFAULT-VALUE}.")
          Duration validity)
      throws IOException {
    Role of = role(role);
    Identity issued;
    try {
      issued = Pki.load(authority).issue(of, idFor(of, id), validity);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
    issued.save(directory);
    tell(issued, directory);
    return ExitCode.OK;
  }

  private static String idFor(Role role, String id) {
    if (role != Role.NODE) {
      if (id == null) {
        throw new CommandFailure(ExitCode.USAGE, "--id is needed for a " + role);
      }
      return id;
    }
    return id == null ? NodeId.random().toString() : NodeId.parse(id).toString();
  }

  private void tell(Identity identity, Path directory) {
    out()
        .printf(
            "certificate of %s in %s, valid until %s%n",
            identity.name(), directory, identity.certificate().getNotAfter().toInstant())
        .flush();
  }

  @Command(
      name = "token",
      description = "Print a token with which one host may join, once.",
      mixinStandardHelpOptions = true)
  int token(
      @Option(names = "--ca", paramLabel = "DIR", required = true) Path authority,
      @Option(names = "--role", defaultValue = "node", description = "Default: ${DEFAULT-VALUE}.")
          String role,
      @Option(
              names = "--id",
              defaultValue = "",
              description = "Whom it is for; a node may choose its own id.")
          String id,
      @Option(
              names = "--ttl",
              paramLabel = "DURATION",
              defaultValue = "PT1H",
              description = "Default: ${DEFAULT-VALUE}.")
          Duration ttl)
      throws IOException {
    Role of = role(role);
    if (of != Role.NODE && id.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "--id is needed for a " + of);
    }
    try {
      JoinToken token =
          new JoinTokens(authority)
              .issue(Pki.load(authority).certificate(), of, id, ttl, Instant.now());
      out().println(token.text());
      out().flush();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
    return ExitCode.OK;
  }

  @Command(
      name = "join",
      description = "Make a key here and get a certificate for it from a backplane's join port.",
      mixinStandardHelpOptions = true)
  int join(
      @Option(names = "--server", paramLabel = "HOST:PORT", required = true) String server,
      @Option(names = "--token", description = "One-time token, or a file that holds it, as @FILE.")
          String token,
      @Option(
              names = "--kubernetes-token",
              paramLabel = "FILE",
              description = "The pod's projected token for the audience interdict; needs --ca.")
          Path kubernetesToken,
      @Option(
              names = "--ca",
              paramLabel = "FILE",
              description = "The authority's certificate, ca.pem.")
          Path authority,
      @Option(
              names = "--data",
              paramLabel = "DIR",
              defaultValue = "/var/lib/interdict/agent",
              description = "Of an agent: its recorder's id is kept (default: ${DEFAULT-VALUE}).")
          Path data,
      @Option(names = "--id", description = "To wish for (default: that of --data, or a new one).")
          String id,
      @Option(
              names = "--out",
              paramLabel = "DIR",
              defaultValue = "/etc/interdict/agent",
              description = "Default: ${DEFAULT-VALUE}.")
          Path directory,
      @Option(
              names = "--wait",
              paramLabel = "DURATION",
              defaultValue = "PT0S",
              description = "Go on trying as long as nobody answers (default: once).")
          Duration patience)
      throws IOException, InterruptedException {
    if ((token == null) == (kubernetesToken == null)) {
      throw new CommandFailure(
          ExitCode.USAGE, "give either --token or --kubernetes-token, and not both");
    }
    try {
      Joining joining =
          () ->
              token != null
                  ? JoinClient.join(
                      HostPort.parse(server), JoinToken.parse(token), wished(id, data))
                  : JoinClient.join(
                      HostPort.parse(server),
                      Files.readString(kubernetesToken, StandardCharsets.UTF_8),
                      Identity.readAuthority(needed(authority)));
      Identity joined = persistently(server, joining, Instant.now().plus(patience));
      joined.save(directory);
      tell(joined, directory);
      return ExitCode.OK;
    } catch (JoinRefusedException e) {
      throw new CommandFailure(ExitCode.FAILED, "refused: " + e.getMessage(), e);
    }
  }

  @FunctionalInterface
  private interface Joining {
    Identity join() throws JoinRefusedException, IOException;
  }

  private Identity persistently(String server, Joining joining, Instant until)
      throws JoinRefusedException, IOException, InterruptedException {
    boolean told = false;
    while (true) {
      try {
        return joining.join();
      } catch (IOException e) {
        if (e instanceof NoSuchFileException || Instant.now().isAfter(until)) {
          throw e;
        }
        if (!told) {
          out().printf("waiting for the join port of %s: %s%n", server, e).flush();
          told = true;
        }
        Thread.sleep(RETRY.toMillis());
      }
    }
  }

  private static Path needed(Path authority) {
    if (authority == null) {
      throw new CommandFailure(ExitCode.USAGE, "--kubernetes-token needs --ca");
    }
    return authority;
  }

  private static String wished(String id, Path data) throws IOException {
    if (id != null) {
      return id;
    }
    Path recorded = data.resolve("recorder").resolve("node");
    return Files.exists(recorded)
        ? Files.readString(recorded, StandardCharsets.UTF_8).strip()
        : NodeId.random().toString();
  }

  @Command(
      name = "renew",
      description = "Replace key and certificate before they expire; whoever uses them goes on.",
      mixinStandardHelpOptions = true)
  int renew(
      @Option(names = "--server", paramLabel = "HOST:PORT", required = true) String server,
      @Option(names = "--identity", paramLabel = "DIR", required = true) Path directory)
      throws IOException {
    try {
      Identity renewed = JoinClient.renew(HostPort.parse(server), Identity.load(directory));
      renewed.save(directory);
      tell(renewed, directory);
      return ExitCode.OK;
    } catch (JoinRefusedException e) {
      throw new CommandFailure(ExitCode.FAILED, "refused: " + e.getMessage(), e);
    }
  }

  @Command(
      name = "show",
      description = "Whom the certificate in a directory names, and until when.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "DIR") Path directory) throws IOException {
    tell(Identity.load(directory), directory);
    return ExitCode.OK;
  }
}
