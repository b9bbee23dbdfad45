package dev.interdict.response;

import dev.interdict.bus.local.LocalClient;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The responder that runs on this host, asked by root. */
public final class LocalResponder {
  private final Path directory;

  /**
   * @param directory the responder's
   */
  public LocalResponder(Path directory) {
    this.directory = directory;
  }

  /** Oldest first. */
  public List<ContainmentSummary> containments() throws IOException {
    List<ContainmentSummary> containments = new ArrayList<>();
    for (String line : ask("list").lines().toList()) {
      containments.add(ContainmentSummary.parse(line));
    }
    return containments;
  }

  /** Returns when the node has undone it. */
  public ContainmentSummary release(String id) throws IOException {
    return ContainmentSummary.parse(ask("release " + id));
  }

  /**
   * On its way on return.
   *
   * @param cgroup its path below the cgroup v2 root, beginning with a slash
   */
  public ContainmentSummary contain(
      String node, String cgroup, boolean cut, boolean freeze, Duration ttl, String by)
      throws IOException {
    String what = cut && freeze ? "both" : cut ? "cut" : "freeze";
    return ContainmentSummary.parse(
        ask("contain " + by + " " + node + " " + what + " " + ttl.toSeconds() + " " + cgroup));
  }

  /**
   * Durable on return; then it is done as any other.
   *
   * @param by who decides
   */
  public ContainmentSummary approve(String id, String by) throws IOException {
    return ContainmentSummary.parse(ask("approve " + id + " " + by));
  }

  public ContainmentSummary deny(String id, String by) throws IOException {
    return ContainmentSummary.parse(ask("deny " + id + " " + by));
  }

  /** From now on, and after a restart, nothing new is done. What is in force stays so. */
  public StandingSummary stop(String by, String reason) throws IOException {
    return StandingSummary.parse(ask("stop " + by + " " + reason));
  }

  public StandingSummary resume(String by) throws IOException {
    return StandingSummary.parse(ask("resume " + by));
  }

  /** A rule that was disarmed may lead to responses again. */
  public StandingSummary arm(String rule, String by) throws IOException {
    return StandingSummary.parse(ask("arm " + by + " " + rule));
  }

  public StandingSummary standing() throws IOException {
    return StandingSummary.parse(ask("standing"));
  }

  private String ask(String request) throws IOException {
    try {
      return new String(
          LocalClient.ask(directory, Responder.SOCKET, request), StandardCharsets.UTF_8);
    } catch (ConnectException e) {
      throw new IOException(
          "no responder runs with data directory " + directory + ", one that did was killed", e);
    }
  }
}
