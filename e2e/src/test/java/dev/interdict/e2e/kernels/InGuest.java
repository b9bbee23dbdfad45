package dev.interdict.e2e.kernels;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.cli.Interdict;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import picocli.CommandLine;

/**
 * What the guest runs: {@code interdict agent probe}, then the named tests. It writes one JSON
 * object a line to the file that is its first argument; the last is {@code {"complete": true}}.
 */
final class InGuest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;

  private InGuest(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) throws IOException {
    try (PrintStream out =
        new PrintStream(
            Files.newOutputStream(Path.of(args[0])), true, StandardCharsets.US_ASCII.name())) {
      InGuest guest = new InGuest(out);
      guest.say(JSON.createObjectNode().put("release", System.getProperty("os.version")));
      guest.say(JSON.createObjectNode().set("probe", probe()));
      guest.test(List.of(args).subList(1, args.length));
      guest.say(JSON.createObjectNode().put("complete", true));
    }
    System.exit(0); // whatever a failed test left running
  }

  /** The rows of the real command, or a text that says why there are none. */
  static JsonNode probe() throws IOException {
    StringWriter said = new StringWriter();
    StringWriter complaint = new StringWriter();
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(said, true));
    command.setErr(new PrintWriter(complaint, true));
    int status = command.execute("agent", "probe", "--json");
    return status == 0
        ? JSON.readTree(said.toString())
        : JSON.getNodeFactory().textNode("exit status " + status + ": " + complaint);
  }

  /** Each by its class, or by CLASS#METHOD. */
  private void test(List<String> names) {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (String name : names) {
      selectors.add(
          name.contains("#")
              ? DiscoverySelectors.selectMethod(name)
              : DiscoverySelectors.selectClass(name));
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectors).build();
    LauncherFactory.create().execute(request, new Reporter());
  }

  private void say(JsonNode line) {
    out.println(line);
  }

  private final class Reporter implements TestExecutionListener {
    private long started = System.nanoTime();

    @Override
    public void executionStarted(TestIdentifier test) {
      started = System.nanoTime();
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      report(test, "skipped", reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
      if (passed && !test.isTest()) {
        return;
      }
      String state =
          switch (result.getStatus()) {
            case SUCCESSFUL -> "passed";
            case ABORTED -> "skipped";
            case FAILED -> "failed";
          };
      report(test, state, result.getThrowable().map(InGuest::describe).orElse(null));
    }

    private void report(TestIdentifier test, String state, String reason) {
      ObjectNode line = JSON.createObjectNode();
      line.put("test", name(test));
      line.put("state", state);
      line.put("millis", (System.nanoTime() - started) / 1_000_000);
      line.put("reason", reason);
      say(line);
    }
  }

  /** Class, method, and which of its parameters, from the identifier's segments. */
  private static String name(TestIdentifier test) {
    StringBuilder name = new StringBuilder();
    for (var segment : test.getUniqueIdObject().getSegments()) {
      String value = segment.getValue();
      switch (segment.getType().toLowerCase(Locale.ROOT)) {
        case "class" -> name.append(value.substring(value.lastIndexOf('.') + 1));
        case "method", "test-template" -> name.append('#').append(value.replaceFirst("\\(.*", ""));
        case "test-template-invocation" -> name.append(' ').append(test.getDisplayName());
        default -> {}
      }
    }
    return name.toString();
  }

  private static String describe(Throwable thrown) {
    StringBuilder text = new StringBuilder(String.valueOf(thrown.getMessage()));
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (frame.getClassName().startsWith("dev.interdict.")) {
        text.append("\n  at ").append(frame);
      }
    }
    return thrown.getClass().getSimpleName() + ": " + text;
  }
}
