package dev.interdict.response;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What root on this host may ask: {@code list} and {@code release ID}. Answers are JSON objects,
 * one a line.
 */
final class LocalRequests {
  private static final long RELEASE_SECONDS = 15;

  private final Response response;

  LocalRequests(Response response) {
    this.response = response;
  }

  byte[] answer(String request) throws IOException {
    if (request.equals("list")) {
      StringBuilder lines = new StringBuilder();
      for (ContainmentRecord record : response.records()) {
        lines.append(ContainmentSummary.of(record).toJson()).append('\n');
      }
      return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
    if (request.startsWith("release ")) {
      ContainmentRecord released = release(request.substring("release ".length()));
      return (ContainmentSummary.of(released).toJson() + "\n").getBytes(StandardCharsets.UTF_8);
    }
    throw new IOException("unknown request `" + request + "`, known: list, release ID");
  }

  private ContainmentRecord release(String id) throws IOException {
    try {
      return response.release(id).get(RELEASE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the node has not answered within "
              + RELEASE_SECONDS
              + " s; the release goes on being tried, see `interdict containments`",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the responder is closing", e);
    }
  }
}
