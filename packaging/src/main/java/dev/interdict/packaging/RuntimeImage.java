package dev.interdict.packaging;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/** A Java runtime with the modules that any part of this project uses, made by jlink. */
final class RuntimeImage {
  /** What jdeps finds, and what is reached by name only: cryptography, name lookup, zip files. */
  private static final List<String> MODULES =
      List.of(
          "java.compiler",
          "java.desktop", // java.beans: of Flink's configuration
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.management.rmi",
          "java.net.http",
          "java.rmi",
          "java.scripting",
          "java.security.jgss",
          "java.sql",
          "java.xml",
          "jdk.crypto.ec",
          "jdk.httpserver",
          "jdk.jfr",
          "jdk.management",
          "jdk.naming.dns",
          "jdk.net",
          "jdk.security.auth",
          "jdk.unsupported",
          "jdk.zipfs");

  /** What java.desktop brings and nothing here opens: windows, fonts, sound, pictures. */
  private static final List<String> LEFT_OUT =
      List.of(
          "awt",
          "fontmanager",
          "freetype",
          "javajpeg",
          "jawt",
          "jsound",
          "lcms",
          "mlib_image",
          "splashscreen",
          "psfont");

  private RuntimeImage() {}

  static void make(Path directory) throws IOException, InterruptedException {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(
                () -> new IOException("this Java has no jlink: run it with a JDK, not a JRE"));
    PrintStream out = System.err;
    int status =
        jlink.run(
            out,
            out,
            "--output",
            directory.toString(),
            "--add-modules",
            String.join(",", MODULES),
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages");
    if (status != 0) {
      throw new IOException("jlink ended with " + status);
    }
    for (Path library : Trees.files(directory.resolve("lib"))) {
      String name = library.getFileName().toString().replaceFirst("^lib", "");
      if (LEFT_OUT.stream().anyMatch(name::startsWith)) {
        Files.delete(library);
      }
    }
    // Shares the JDK's own classes between processes, and starts in half the time.
    Path java = directory.resolve("bin/java");
    Commands.run(List.of(java.toString(), "-Xshare:dump", "-XX:+UseSerialGC"));
  }
}
