package dev.interdict.cli;

import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Parameters;

/** Where the rules commands take their rules from. */
final class RuleSource {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR",
      description = "Directory with rule files, or one file; without it the built-in content.")
  private Path directory;

  List<RuleFile> files() throws IOException {
    return directory == null ? RuleSet.builtinFiles() : files(directory);
  }

  /** At least one. */
  static List<RuleFile> files(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new CommandFailure(ExitCode.USAGE, "no such file or directory: " + directory);
    }
    List<RuleFile> files;
    try {
      files = RuleSet.files(directory);
    } catch (MalformedInputException e) {
      throw new CommandFailure(ExitCode.USAGE, "a rule file is not UTF-8: " + directory, e);
    }
    if (files.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "no *.yml or *.yaml below " + directory);
    }
    return files;
  }

  RuleSet load() throws IOException {
    try {
      return RuleSet.of(files());
    } catch (InvalidRulesException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid rules\n" + e.getMessage(), e);
    }
  }
}
