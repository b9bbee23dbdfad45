package dev.interdict.packaging;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The source checkout after a build: what of it is packed. */
record Checkout(Path top) {
  /** The command's jar and what it needs, in the order of the class path. */
  List<Path> agentJars() throws IOException {
    return jars(top.resolve("cli/target/agent-classpath"));
  }

  List<Path> serverJars() throws IOException {
    return jars(top.resolve("packaging/target/packed-classpath"));
  }

  private List<Path> jars(Path classpath) throws IOException {
    Set<Path> jars = new LinkedHashSet<>();
    try (var built = Files.newDirectoryStream(top.resolve("cli/target"), "interdict-cli-*.jar")) {
      built.forEach(jars::add);
    }
    for (String entry : Files.readString(classpath).strip().split(File.pathSeparator, -1)) {
      if (!entry.contains("interdict-cli-")) {
        jars.add(Path.of(entry));
      }
    }
    return List.copyOf(jars);
  }

  /** A file of arguments for {@code java}, where the jars lie in {@code folder}. */
  static String classpath(List<Path> jars, String folder) {
    return jars.stream()
        .map(jar -> folder + "/" + jar.getFileName())
        .collect(Collectors.joining(":", "-cp ", "\n"));
  }

  List<Path> jvmOptions() throws IOException {
    return Trees.files(top.resolve("cli/src/main/jvm"));
  }

  Path license() {
    return top.resolve("LICENSE");
  }

  Path host(String file) {
    return top.resolve("packaging/src/main/host").resolve(file);
  }
}
