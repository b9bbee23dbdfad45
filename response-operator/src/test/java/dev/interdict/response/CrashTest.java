package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.NODE;
import static dev.interdict.response.SampleAlerts.inContainer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One attack from alert to release, with the responder's directory copied between any two steps.
 * What is written survives a kill -9, so that each copy is what a responder killed there would
 * leave: one that starts from it must bring the attack to its end, and the node must have done each
 * thing once.
 */
@Timeout(120)
final class CrashTest {
  private static final Policies POLICIES =
      Policies.parse(
          "p.yaml",
          """
          name: asking
          mode: enforce
          actions: {cut: true, freeze: true, ttl: 2m}
          then:
            - do: save-window
            - do: orphan
            - do: kill-tree
            - do: kill-cgroup
              when: not-in-force
            - do: cordon
          approval: {within: 30m}
          """);

  private static final int THINGS = 4; // contain, save, kill, release

  @TempDir private Path temporary;
  private final List<Path> copies = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<Instant> clock =
      new AtomicReference<>(SampleAlerts.TIME.plusMillis(30));
  private final FakeOrchestrator orchestrator = new FakeOrchestrator();
  private Identity responder;
  private FakeNode node;

  @Test
  void shouldEndTheSameWhereverItWasKilled() throws Exception {
    Pki pki = Pki.create("test", Duration.ofDays(1));
    responder = pki.issue(Role.RESPONDER, "responder-1", Duration.ofDays(1));
    node = new FakeNode(pki.issue(Role.NODE, NODE, Duration.ofDays(1)), SampleAlerts.TIME);
    Path original = temporary.resolve("original");
    node.behave(command -> copiedAround(original, () -> node.carryOut(command)));
    orchestrator.behave(order -> copiedAround(original, () -> orchestrator.carryOut(order)));
    orchestrator.behaveUndoing(order -> copiedAround(original, () -> orchestrator.takeBack(order)));
    try (Response response = open(original)) {
      response.watch(record -> copy(original));
      bringToItsEnd(response);
    }
    assertThat(node.carriedOut()).isEqualTo(THINGS);
    assertThat(orchestrator.asked())
        .containsExactly("orphan", "cordon", "undo orphan", "undo cordon");
    List<Path> killedAt = List.copyOf(copies);
    assertThat(killedAt).hasSizeGreaterThanOrEqualTo(24);

    node.behave(node::carryOut);
    orchestrator.behave(orchestrator::carryOut);
    orchestrator.behaveUndoing(orchestrator::takeBack);
    for (Path copy : killedAt) {
      try (Response response = open(copy)) {
        bringToItsEnd(response);
      }
      assertThat(node.carriedOut()).as("things done by the node, %s", copy).isEqualTo(THINGS);
      assertThat(orchestrator.carriedOut()).as("things done beside it, %s", copy).hasSize(2);
      assertThat(orchestrator.inForce()).as("things left of it, %s", copy).isEmpty();
    }
  }

  @Test
  void shouldDoEachThingOnceWhereItWasKilledOverAndOver() throws Exception {
    Pki pki = Pki.create("test", Duration.ofDays(1));
    responder = pki.issue(Role.RESPONDER, "responder-1", Duration.ofDays(1));
    node = new FakeNode(pki.issue(Role.NODE, NODE, Duration.ofDays(1)), SampleAlerts.TIME);
    // The node carries out, and no answer ever arrives: each start asks again.
    node.behave(
        command -> {
          node.carryOut(command);
          return null;
        });
    Path directory = temporary.resolve("once");
    for (int start = 0; start < 5; start++) {
      int soFar = start;
      try (Response response = open(directory)) {
        response.accept(inContainer("a1")).get(10, TimeUnit.SECONDS);
        if (only(response).state() == ContainmentState.WAITING) {
          response.decide(only(response).id(), true, "anna").get(10, TimeUnit.SECONDS);
        }
        await().until(() -> node.received().size() > soFar);
      }
    }

    assertThat(node.received().stream().map(Command::getId).distinct()).hasSize(1);
    assertThat(node.carriedOut()).isEqualTo(1);
  }

  private Response open(Path directory) throws IOException {
    Response response =
        Response.open(
            directory,
            POLICIES,
            orchestrator,
            new Commands(responder, Duration.ofMinutes(1)),
            node,
            clock::get);
    response.presence(FakeNode.present(FakeNode.EPOCH));
    return response;
  }

  /** What its publisher and the people do who do not know that it was killed. */
  private static void bringToItsEnd(Response response) throws Exception {
    response.accept(inContainer("a1")).get(10, TimeUnit.SECONDS);
    String id = only(response).id();
    if (only(response).state() == ContainmentState.WAITING) {
      response.decide(id, true, "anna").get(10, TimeUnit.SECONDS);
    }
    await()
        .until(
            () ->
                switch (only(response).state()) {
                  case IN_FORCE, RELEASED, EXPIRED -> true;
                  default -> false;
                });
    await().until(() -> !only(response).hasStepsLeft());
    if (only(response).state() == ContainmentState.IN_FORCE
        && only(response).times().releaseAsked() == 0) {
      response.release(id).get(10, TimeUnit.SECONDS);
    }
    await().until(() -> !only(response).isOpen());
    // One whose answer was lost learns that it was undone meanwhile.
    assertThat(only(response).state()).isIn(ContainmentState.RELEASED, ContainmentState.EXPIRED);
  }

  private static ContainmentRecord only(Response response) {
    assertThat(response.records()).hasSize(1);
    return response.records().get(0);
  }

  private <T> T copiedAround(Path directory, Supplier<T> act) {
    copy(directory); // decided, and not yet done
    T result = act.get();
    copy(directory); // done, and not yet known
    return result;
  }

  private void copy(Path directory) {
    Path to = temporary.resolve("killed-" + copies.size());
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(directory.relativize(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    copies.add(to);
  }
}
