package dev.interdict.cli.demo;

import dev.interdict.cli.CommandFailure;
import dev.interdict.cli.ExitCode;
import dev.interdict.cli.demo.DemoResult.Strike;
import dev.interdict.response.ContainmentRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Attacks a throw-away container on this host with a real reverse shell, and shows how the attack",
      "is seen in the kernel, recognised as a sequence, stopped, and found again in Parquet.",
      "",
      "Runs every part of Interdict in this process, in a directory of its own, and contains only",
      "cgroups that it made itself. Without root or kernel BTF it replays a recorded attack through the",
      "same jobs instead, stops nothing, and exits with 3."
    },
    footer = {
      "",
      "Exit codes: 0 all of it happened; 1 a step did not (it says which); 2 usage; 3 replayed only.",
      "",
      "Examples:",
      "  interdict demo                 watch it, then keep everything up to ask questions",
      "  interdict demo --once --json   one line of JSON with what was measured",
      "  interdict demo --hold 120      keep the last container frozen for two minutes"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Duration CLEAN_UP = Duration.ofSeconds(30);

  @Option(names = "--once", description = "End by itself after the last attack.")
  private boolean once;

  @Option(
      names = "--json",
      description = "Print one JSON object on standard output; implies --once.")
  private boolean json;

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      description = "Keep the last container contained for so long before it is released.")
  private int holdSeconds;

  @Option(
      names = "--attacks",
      paramLabel = "N",
      defaultValue = "5",
      description = "Attacks to measure, after one to warm up. Default: ${DEFAULT-VALUE}.")
  private int attacks;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Where to make the demo's own directory. Default: the system's for temporary files.")
  private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (attacks < 1 || attacks > 1000) {
      throw new ParameterException(
          spec.commandLine(), "invalid --attacks=" + attacks + ", expected 1 to 1000");
    }
    if (holdSeconds < 0 || holdSeconds > 86_400) {
      throw new ParameterException(
          spec.commandLine(), "invalid --hold=" + holdSeconds + ", expected 0 to 86400");
    }
    if (!Files.isDirectory(parent)) {
      throw new ParameterException(
          spec.commandLine(), "invalid --dir=" + parent + ", expected an existing directory");
    }
    PrintWriter told = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    Story story = new Story(told, !json && System.console() != null);
    Thread worker = Thread.currentThread();
    Thread interrupt =
        new Thread(
            () -> {
              worker.interrupt();
              try {
                worker.join(CLEAN_UP.toMillis());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "demo-interrupt");
    Runtime.getRuntime().addShutdownHook(interrupt);
    try {
      return run(story);
    } catch (InterruptedException e) {
      throw new CommandFailure(ExitCode.FAILED, "interrupted; everything it made was removed", e);
    } finally {
      if (!Thread.currentThread().isInterrupted()) {
        removeHook(interrupt);
      }
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook is running and waits for this thread to end.
      Thread.currentThread().interrupt();
    }
  }

  private int run(Story story) throws Exception {
    String missing = missing();
    story.heading("Interdict demo");
    List<String> swept = new ArrayList<>(DemoContainer.sweep());
    DemoDirectory.sweep(parent).forEach(directory -> swept.add(directory.toString()));
    swept.forEach(left -> story.line("removed what an earlier run left behind: " + left));
    try (DemoDirectory directory = DemoDirectory.create(parent)) {
      DemoResult result;
      if (missing == null) {
        result = live(directory.path(), story);
      } else {
        story.line(missing + ": replaying a recorded attack instead; nothing will be stopped");
        result = Flight.replay(directory.path(), story);
      }
      summarise(story, result);
      if (json) {
        spec.commandLine().getOut().println(result.toJson());
        spec.commandLine().getOut().flush();
      }
      if (result.failure() != null) {
        throw new CommandFailure(ExitCode.FAILED, result.failure());
      }
    }
    return missing == null ? ExitCode.OK : ExitCode.UNSUPPORTED;
  }

  /** Why no attack can be made and seen here; null if it can. */
  private static String missing() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return "not root";
    }
    if (!Files.isReadable(BTF)) {
      return "this kernel has no BTF (" + BTF + ")";
    }
    return null;
  }

  private DemoResult live(Path directory, Story story) throws IOException, InterruptedException {
    Strike warmUp = null;
    List<Strike> strikes = new ArrayList<>();
    BlockingQueue<ContainmentRecord> records = new LinkedBlockingQueue<>();
    try (DemoStack stack =
            DemoStack.start(directory, story, DemoStack::startAgent, story::reached, records::add);
        Watcher watcher = new Watcher(stack.watcher(), stack.node(), story::event)) {
      Demo demo = new Demo(stack, story, records);
      String failure = null;
      Findings findings = Findings.NONE;
      try {
        for (int number = 0; number <= attacks; number++) {
          story.heading(number == 0 ? "Attack to warm up" : "Attack " + number + " of " + attacks);
          boolean last = number == attacks;
          Strike strike = demo.strike(number, container -> hold(last, container, story));
          if (number == 0) {
            warmUp = strike;
          } else {
            strikes.add(strike);
          }
        }
        story.heading("The evidence, asked of Parquet");
        findings = Findings.of(stack, demo.alerts(), story);
      } catch (Demo.StepFailed e) {
        failure = e.getMessage();
      }
      DemoResult result =
          new DemoResult(
              findings.events(), demo.alerts(), warmUp, strikes, findings.evidenceRows(), failure);
      if (failure == null && !once && !json) {
        keepUp(stack, story);
      }
      return result;
    }
  }

  private void hold(boolean last, DemoContainer container, Story story)
      throws InterruptedException {
    if (last && holdSeconds > 0) {
      story.line(
          "holding " + container.cgroupPath() + " frozen for " + holdSeconds + " s; look inside");
      Thread.sleep(Duration.ofSeconds(holdSeconds).toMillis());
    }
  }

  private void keepUp(DemoStack stack, Story story) throws InterruptedException {
    story.heading("Everything stays up until Ctrl-C. In another terminal:");
    story.line(
        "./interdict query --data "
            + stack.data()
            + " \"SELECT kind, count(*) FROM events GROUP BY kind\"");
    Thread.sleep(Duration.ofDays(1).toMillis());
  }

  private void summarise(Story story, DemoResult result) {
    story.heading("Result");
    if (result.warmUp() != null) {
      story.line(
          String.format(
              Locale.ROOT,
              "kernel event to alert: %.1f ms (median of %d; the first, cold, %.1f ms)",
              result.medianDetectMillis(),
              result.attacks().size(),
              result.warmUp().detectMillis()));
      story.line(
          String.format(
              Locale.ROOT,
              "kernel event to verified containment: %.1f ms (the first, cold, %.1f ms)",
              result.medianContainMillis(),
              result.warmUp().containMillis()));
    }
    story.line(
        result.events()
            + " events archived, "
            + result.alerts().size()
            + " alerts, "
            + result.evidenceRows()
            + " rows of evidence found by Position");
    if (result.failure() != null) {
      story.line("FAILED: " + result.failure());
    }
  }
}
