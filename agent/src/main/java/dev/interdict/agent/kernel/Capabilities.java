package dev.interdict.agent.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What this process may do, against the list of what the agent needs. */
public final class Capabilities {
  /**
   * @param name as in capabilities(7), CAP_BPF
   * @param loss what does not work without it
   */
  public record Capability(String name, int number, String loss) {}

  private static final String RESOURCE = "capabilities";
  private static final String PREFIX = "CAP_";

  /** By their numbers in the kernel. */
  static final List<String> NAMES =
      List.of(
          "chown",
          "dac_override",
          "dac_read_search",
          "fowner",
          "fsetid",
          "kill",
          "setgid",
          "setuid",
          "setpcap",
          "linux_immutable",
          "net_bind_service",
          "net_broadcast",
          "net_admin",
          "net_raw",
          "ipc_lock",
          "ipc_owner",
          "sys_module",
          "sys_rawio",
          "sys_chroot",
          "sys_ptrace",
          "sys_pacct",
          "sys_admin",
          "sys_boot",
          "sys_nice",
          "sys_resource",
          "sys_time",
          "sys_tty_config",
          "mknod",
          "lease",
          "audit_write",
          "audit_control",
          "setfcap",
          "mac_override",
          "mac_admin",
          "syslog",
          "wake_alarm",
          "block_suspend",
          "audit_read",
          "perfmon",
          "bpf",
          "checkpoint_restore");

  private static final List<Capability> NEEDED = read();

  private final long held;

  private Capabilities(long held) {
    this.held = held;
  }

  /** Of this process, now. */
  public static Capabilities own() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:")) {
        return new Capabilities(Long.parseUnsignedLong(line.substring(7).strip(), 16));
      }
    }
    throw new IOException("/proc/self/status has no line CapEff");
  }

  static Capabilities of(long bits) {
    return new Capabilities(bits);
  }

  /** All that the agent needs. */
  public static List<Capability> needed() {
    return NEEDED;
  }

  /** The list as bits. */
  public static long bits() {
    return NEEDED.stream().mapToLong(each -> 1L << each.number).reduce(0, (a, b) -> a | b);
  }

  public List<Capability> missing() {
    return NEEDED.stream().filter(each -> (held >>> each.number & 1) == 0).toList();
  }

  /** Names of those that it holds and has no need of. */
  public List<String> excess() {
    List<String> names = new ArrayList<>();
    long more = held & ~bits();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((more >>> i & 1) != 0) {
        names.add(i < NAMES.size() ? name(NAMES.get(i)) : PREFIX + i);
      }
    }
    return names;
  }

  /** A refusal by the kernel, with the names of what may have been the reason. */
  public static String explain(String message) {
    if (message == null
        || !message.contains("not permitted") && !message.contains("ermission denied")) {
      return message;
    }
    try {
      String names =
          own().missing().stream().map(Capability::name).collect(Collectors.joining(", "));
      return names.isEmpty() ? message : message + "; missing: " + names;
    } catch (IOException e) {
      return message;
    }
  }

  private static List<Capability> read() {
    List<Capability> all = new ArrayList<>();
    try (InputStream in = Capabilities.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] words = line.split(" ", 2);
          int number = NAMES.indexOf(words[0]);
          if (number < 0 || words.length < 2) {
            throw new IllegalStateException("invalid line in " + RESOURCE + ": " + line);
          }
          all.add(new Capability(name(words[0]), number, words[1]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(all);
  }

  private static String name(String lowerCase) {
    return PREFIX + lowerCase.toUpperCase(Locale.ROOT);
  }
}
