package dev.interdict.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "resume",
    description = "Take the global stop back. Alerts that came meanwhile are not acted upon.",
    mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {
  @Mixin private ResponderOption asked;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    asked.responder().resume(asked.by());
    spec.commandLine().getOut().printf("policies are in force again%n").flush();
    return ExitCode.OK;
  }
}
