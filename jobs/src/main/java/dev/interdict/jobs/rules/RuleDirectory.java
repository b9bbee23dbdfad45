package dev.interdict.jobs.rules;

import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory of rule files, looked at again and again; a ConfigMap mounted as one, too, which
 * changes by exchanging the link {@code ..data}. One thread at a time.
 */
final class RuleDirectory {
  private static final String CONFIG_MAP_LINK = "..data";

  private final RuleOrigin origin;
  private final Path directory;
  private List<String> taken = List.of();
  private List<String> seen = List.of();

  /**
   * What a look at the directory found.
   *
   * @param rules null if there is a problem
   * @param problem empty, or what is wrong, by file and line
   */
  record Found(RuleBundle rules, String problem) {}

  RuleDirectory(RuleOrigin origin) {
    this.origin = origin;
    this.directory = Path.of(origin.directory());
  }

  /**
   * Null if nothing has changed since the last answer. A change is taken when two looks in
   * succession saw the same: whoever writes it may not be done.
   */
  Found look() {
    List<String> now;
    try {
      now = print();
    } catch (IOException e) {
      return problem(List.of(e.toString()), "cannot list " + directory + ": " + e.getMessage());
    }
    if (now.equals(taken)) {
      return null;
    }
    if (!now.equals(seen)) {
      seen = now;
      return null;
    }
    try {
      List<RuleFile> files = RuleSet.files(directory);
      if (!print().equals(now)) {
        return null;
      }
      if (files.isEmpty() && !origin.builtin()) {
        return problem(now, "no *.yml or *.yaml below " + directory);
      }
      RuleBundle bundle = RuleBundle.of(RuleSet.of(origin.with(files)));
      taken = now;
      return new Found(bundle, "");
    } catch (InvalidRulesException | IOException e) {
      return problem(now, e.getMessage());
    }
  }

  /** Told once. */
  private Found problem(List<String> at, String text) {
    boolean known = at.equals(taken);
    taken = at;
    seen = at;
    return known ? null : new Found(null, text);
  }

  /** Names, sizes and times of the files; two equal prints are one state of the directory. */
  private List<String> print() throws IOException {
    List<String> print = new ArrayList<>();
    Path link = directory.resolve(CONFIG_MAP_LINK);
    if (Files.isSymbolicLink(link)) {
      print.add(Files.readSymbolicLink(link).toString());
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        print.add(path + " " + Files.size(path) + " " + Files.getLastModifiedTime(path));
      }
    }
    return print;
  }
}
