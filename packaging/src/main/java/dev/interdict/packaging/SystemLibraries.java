package dev.interdict.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The C library of this machine and what else a Java runtime is linked with: a root without a base.
 */
final class SystemLibraries {
  private static final Pattern NEEDED = Pattern.compile("(?:=> )?(/[^ ]+) \\(0x[0-9a-f]+\\)");

  private SystemLibraries() {}

  /** Where each stands on this machine, which is where it has to stand in the image. */
  static Set<Path> neededBy(Path runtime) throws IOException, InterruptedException {
    Set<Path> libraries = new TreeSet<>();
    for (Path file : Trees.files(runtime)) {
      if (!file.getFileName().toString().endsWith(".so") && !Files.isExecutable(file)) {
        continue;
      }
      Matcher matcher = NEEDED.matcher(Commands.run(List.of("ldd", file.toString())));
      while (matcher.find()) {
        Path library = Path.of(matcher.group(1)).normalize();
        if (!library.startsWith(runtime)) {
          libraries.add(library);
        }
      }
    }
    // What native code in jars is linked with: DuckDB, zstd, the agent's own.
    for (String name :
        List.of(
            "libm.so.6",
            "libdl.so.2",
            "librt.so.1",
            "libpthread.so.0",
            "libresolv.so.2",
            "libgcc_s.so.1",
            "libstdc++.so.6")) {
      libraries.addAll(beside(libraries, name));
    }
    return libraries;
  }

  private static Set<Path> beside(Set<Path> libraries, String name) {
    Set<Path> found = new TreeSet<>();
    for (Path library : libraries) {
      Path sibling = library.resolveSibling(name);
      if (Files.exists(sibling)) {
        found.add(sibling);
      }
    }
    return found;
  }
}
