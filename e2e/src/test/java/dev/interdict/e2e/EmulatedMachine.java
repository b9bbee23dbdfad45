package dev.interdict.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A machine of QEMU's, without KVM, which is absent where continuous integration runs. What it says
 * on its first serial line is its console, on the second what it found out.
 *
 * @param memoryMiB of the machine
 * @param arguments of the kernel, beside those that any such machine needs
 * @param devices more options of QEMU
 */
public record EmulatedMachine(
    Path kernel, Path initrd, int memoryMiB, String arguments, List<String> devices) {
  /**
   * How long it may say nothing: an emulated machine has no speed that a limit on the whole could
   * be made from, but one step is soon over.
   */
  private static final Duration SILENCE = Duration.ofMinutes(20);

  private static final int CONSOLE_SHOWN = 4000;

  /** Runs it until it goes down, or says nothing for long. Replaces both files. */
  public void run(Path console, Path results) throws IOException, InterruptedException {
    Files.deleteIfExists(results);
    Process machine = new ProcessBuilder(command(console, results)).inheritIO().start();
    try {
      long heard = System.nanoTime();
      long before = 0;
      while (!machine.waitFor(1, TimeUnit.SECONDS)) {
        long said = results.toFile().length() + console.toFile().length();
        if (said != before) {
          before = said;
          heard = System.nanoTime();
        } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
          break;
        }
      }
    } finally {
      machine.destroyForcibly().waitFor();
    }
  }

  private List<String> command(Path console, Path results) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-accel",
                // With a thread for each CPU one may still run code that another has changed: a
                // kernel that attaches to its functions meets a breakpoint that is gone.
                "tcg,thread=single",
                "-cpu",
                "max,-cx16", // QEMU 7.2 returns from cmpxchg16b with broken flags
                "-smp",
                "2",
                "-m",
                Integer.toString(memoryMiB),
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-serial",
                "file:" + console,
                "-serial",
                "file:" + results,
                "-kernel",
                kernel.toString(),
                "-initrd",
                initrd.toString(),
                "-append",
                // Where the host is busy the emulated timer is late, which a kernel takes for
                // broken.
                ("console=ttyS0 panic=-1 quiet mitigations=off no_timer_check " + arguments)
                    .strip()));
    command.addAll(devices);
    return command;
  }

  /** The end of what it said. */
  public static String lastOf(Path console) throws IOException {
    String said = Files.exists(console) ? Files.readString(console) : "nothing";
    return said.substring(Math.max(0, said.length() - CONSOLE_SHOWN));
  }
}
