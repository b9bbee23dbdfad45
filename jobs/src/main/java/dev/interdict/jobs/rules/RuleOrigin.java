package dev.interdict.jobs.rules;

import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where rules are read from.
 *
 * @param builtin what ships is a part of them
 * @param directory with rule files; null: none, so that they never change
 */
public record RuleOrigin(boolean builtin, String directory) implements Serializable {
  private static final String BUILTIN = "builtin";
  public static final RuleOrigin SHIPPED = new RuleOrigin(true, null);

  public RuleOrigin {
    if (!builtin && directory == null) {
      throw new IllegalArgumentException("no rules: neither builtin nor a directory");
    }
  }

  /** {@code builtin}, a directory, or both with a comma between. */
  public static RuleOrigin parse(String text) {
    if (text.equals(BUILTIN)) {
      return SHIPPED;
    }
    boolean both = text.startsWith(BUILTIN + ",");
    String directory = both ? text.substring(BUILTIN.length() + 1) : text;
    if (directory.isBlank() || directory.contains(",")) {
      throw new IllegalArgumentException(
          "invalid rules=" + text + ", expected builtin, a directory, or builtin,DIRECTORY");
    }
    return new RuleOrigin(both, directory);
  }

  /** As they are now. */
  public RuleSet load() throws IOException {
    return RuleSet.of(with(directory == null ? List.of() : RuleSet.files(Path.of(directory))));
  }

  /** Those of the directory, with what ships if it is a part. */
  List<RuleFile> with(List<RuleFile> own) {
    List<RuleFile> files = new ArrayList<>(builtin ? RuleSet.builtinFiles() : List.of());
    files.addAll(own);
    return files;
  }
}
