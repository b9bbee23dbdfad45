package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What the storage commands have in common. */
final class StorageOptions {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})([smhd])");
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,6})(MB|GB|TB)", Pattern.CASE_INSENSITIVE);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${env:INTERDICT_DATA:-/var/lib/interdict/archive}",
      description = "Directory of the archive (default: $INTERDICT_DATA or ${DEFAULT-VALUE}).")
  private Path data;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  Catalog catalog() throws IOException {
    if (!Files.isDirectory(data)) {
      throw new CommandFailure(ExitCode.USAGE, "no data directory: " + data);
    }
    return new Catalog(data.toRealPath());
  }

  /** The directory, made if it is not there. */
  Path made() throws IOException {
    Files.createDirectories(data);
    return data.toRealPath();
  }

  boolean exists() {
    return Files.isDirectory(data);
  }

  PrintWriter out() {
    return command.commandLine().getOut();
  }

  PrintWriter err() {
    return command.commandLine().getErr();
  }

  /** One line that is written over, where a person looks on. */
  Consumer<String> progress() {
    if (System.console() == null) {
      return line -> {};
    }
    return line -> {
      err().print("\r\u001b[K" + PrintableText.of(line));
      err().flush();
    };
  }

  void endProgress() {
    if (System.console() != null) {
      err().print("\r\u001b[K");
      err().flush();
    }
  }

  /** The object if JSON was asked for, otherwise the text. */
  void print(Map<String, ?> object, Runnable text) {
    if (!json) {
      text.run();
      out().flush();
      return;
    }
    try {
      out().println(JSON.writeValueAsString(object));
      out().flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Duration duration(String option, String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE, "invalid " + option + "=" + text + ", such as 90s, 10m, 12h, 30d");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  static long bytes(String option, String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE, "invalid " + option + "=" + text + ", such as 512MB, 40GB, 2TB");
    }
    int shift =
        switch (matcher.group(2).toUpperCase(java.util.Locale.ROOT)) {
          case "MB" -> 20;
          case "GB" -> 30;
          default -> 40;
        };
    return Long.parseLong(matcher.group(1)) << shift;
  }

  static String size(long bytes) {
    return bytes < 10L << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
  }
}
