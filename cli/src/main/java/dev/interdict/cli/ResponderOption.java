package dev.interdict.cli;

import dev.interdict.response.LocalResponder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which responder is asked, and by whom. */
final class ResponderOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/responder",
      description = "Data directory of the running responder (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who decides, as the log keeps it (default: whoever called sudo, or the user).")
  private String by;

  LocalResponder responder() {
    return new LocalResponder(data);
  }

  String by() {
    if (by != null) {
      return by;
    }
    String caller = System.getenv("SUDO_USER");
    return caller == null ? System.getProperty("user.name") : caller;
  }
}
