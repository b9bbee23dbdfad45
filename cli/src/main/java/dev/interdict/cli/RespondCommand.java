package dev.interdict.cli;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.IdentityFiles;
import dev.interdict.response.InvalidPolicyException;
import dev.interdict.response.Policies;
import dev.interdict.response.Responder;
import dev.interdict.response.ResponderConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "respond",
    description = "Decide about alerts and have nodes contain what the policies say.",
    mixinStandardHelpOptions = true)
final class RespondCommand implements Callable<Integer> {
  @Option(
      names = "--backplane",
      paramLabel = "HOST:PORT",
      required = true,
      split = ",",
      description = "The backplanes; one of them is used at a time.")
  private List<String> backplanes;

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      defaultValue = "/etc/interdict/responder",
      description = "key.pem, cert.pem and ca.pem of a responder (default: ${DEFAULT-VALUE}).")
  private Path identity;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/responder",
      description = "Alert log and local socket (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What to do about which alert (default: observe, touch nothing).")
  private Path policy;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Policies policies = policies();
    ResponderConfig config = config(policies);
    CountDownLatch ended = new CountDownLatch(1);
    try (Responder responder = Responder.start(config)) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> stop(responder, ended), "interdict-stop"));
      spec.commandLine()
          .getOut()
          .printf("responding by policy %s, data in %s%n", policies.names(), data)
          .flush();
      ended.await();
    }
    return ExitCode.OK;
  }

  private ResponderConfig config(Policies policies) throws IOException {
    try {
      return new ResponderConfig(
          new BusConfig(
              backplanes.stream().map(AgentRunCommand::address).toList(),
              IdentityFiles.watch(identity)),
          data,
          policies);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private Policies policies() throws IOException {
    try {
      return policy == null ? Policies.observing() : Policies.load(policy);
    } catch (InvalidPolicyException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private static void stop(Responder responder, CountDownLatch ended) {
    try {
      responder.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(RespondCommand.class).error("the responder did not stop cleanly", e);
    } finally {
      ended.countDown();
    }
  }
}
