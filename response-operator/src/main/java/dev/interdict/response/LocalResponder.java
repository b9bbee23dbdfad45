package dev.interdict.response;

import dev.interdict.bus.local.LocalClient;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
