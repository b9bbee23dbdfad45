package dev.interdict.response;

import dev.interdict.response.Policy.Actions;
import dev.interdict.schema.Entity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What root on this host may ask, one line each. Answers are JSON objects, one a line. BY is who
 * asks: root may say any name, and the log keeps it.
 */
final class LocalRequests {
  private static final long ANSWER_SECONDS = 15;
  private static final int MAX_REASON = 200;
  private static final String KNOWN =
      "list, contain BY NODE cut|freeze|both SECONDS CGROUP, release ID, approve ID BY, deny ID BY, standing, stop BY REASON, resume BY, arm BY RULE";

  private final Response response;

  LocalRequests(Response response) {
    this.response = response;
  }

  byte[] answer(String request) throws IOException {
    String[] words = request.split(" ", 3);
    String answer =
        switch (words[0] + " " + (words.length - 1)) {
          case "list 0" -> lines(response.records());
          case "standing 0" -> StandingSummary.of(response.standing()).toJson();
          case "release 1" -> one(await(response.release(words[1])));
          case "approve 2" -> one(await(response.decide(words[1], true, person(words[2]))));
          case "deny 2" -> one(await(response.decide(words[1], false, person(words[2]))));
          case "contain 2" -> one(contain(person(words[1]), words[2].split(" ", 4)));
          case "stop 2" -> standing(response.stop(person(words[1]), reason(words[2])));
          case "resume 1" -> standing(response.resume(person(words[1])));
          case "arm 2" -> standing(response.arm(words[2], person(words[1])));
          default -> throw new IOException("unknown request `" + request + "`, known: " + KNOWN);
        };
    return answer.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param words node, what, seconds, cgroup
   */
  private ContainmentRecord contain(String by, String[] words) throws IOException {
    if (words.length < 4 || !words[2].matches("[1-9][0-9]{0,5}") || !words[3].startsWith("/")) {
      throw new IOException("contain needs BY NODE cut|freeze|both SECONDS /CGROUP");
    }
    boolean both = words[1].equals("both");
    Actions actions =
        new Actions(
            both || words[1].equals("cut"),
            both || words[1].equals("freeze"),
            Duration.ofSeconds(Long.parseLong(words[2])));
    if (!actions.any()) {
      throw new IOException("invalid action=" + words[1] + " expected cut, freeze or both");
    }
    return await(
        response.contain(
            UUID.randomUUID().toString(),
            by,
            Entity.newBuilder().setNode(words[0]).setCgroup(words[3]).build(),
            actions));
  }

  private static String lines(List<ContainmentRecord> records) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ContainmentRecord record : records) {
      lines.append(one(record));
    }
    return lines.toString();
  }

  private static String one(ContainmentRecord record) throws IOException {
    return ContainmentSummary.of(record).toJson() + "\n";
  }

  private static String standing(CompletableFuture<Standing> given) throws IOException {
    return StandingSummary.of(await(given)).toJson();
  }

  private static String person(String name) throws IOException {
    if (!PolicyRails.isPerson(name)) {
      throw new IOException("invalid name=" + name + " expected 1 to 64 of A-Z a-z 0-9 . _ @ -");
    }
    return name;
  }

  private static String reason(String text) throws IOException {
    if (text.isBlank() || text.length() > MAX_REASON) {
      throw new IOException("invalid reason.length=" + text.length() + " limit=" + MAX_REASON);
    }
    return text;
  }

  private static <T> T await(CompletableFuture<T> answer) throws IOException {
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "no answer within "
              + ANSWER_SECONDS
              + " s; it goes on being tried, see `interdict containments`",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the responder is closing", e);
    }
  }
}
