package dev.interdict.cli;

import dev.interdict.response.InvalidPolicyException;
import dev.interdict.response.Policies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "lint",
    description = {
      "Says what is wrong with policy files, by file and line.",
      "Warns of policies that are never reached."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict policy lint policy.yaml",
      "",
      "Exit codes: 0 all can be taken, 1 there are mistakes, 2 bad arguments."
    })
final class PolicyLintCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Policies as YAML.")
  private List<Path> files;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean clean = true;
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new CommandFailure(ExitCode.USAGE, "no such file: " + file);
      }
      try {
        Policies policies = Policies.load(file);
        policies.warnings().forEach(each -> out.println(file + ": warning: " + each));
        out.println(file + ": policies " + String.join(", ", policies.names()));
      } catch (InvalidPolicyException e) {
        out.println(e.getMessage());
        clean = false;
      }
    }
    out.flush();
    return clean ? ExitCode.OK : ExitCode.FAILED;
  }
}
