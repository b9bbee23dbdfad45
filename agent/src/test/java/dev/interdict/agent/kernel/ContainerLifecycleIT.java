package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Lifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Containers that runc really makes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ContainerLifecycleIT {
  @TempDir private static Path directory;
  private final String mark = UUID.randomUUID().toString();
  private Path tasks;
  private Victims victims;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    OciContainer.assumePossible();
    tasks = Files.createDirectories(directory.resolve("io.containerd.runtime.v2.task"));
    victims =
        new Victims(
            directory,
            config ->
                config
                    .withKinds(Set.of(Kind.EXEC, Kind.EXIT, Kind.FORK, Kind.CONTAINER))
                    .withBundles(List.of(tasks)));
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  private OciContainer container() {
    return new OciContainer(tasks, directory.resolve("state"), "sleep 60; : " + mark);
  }

  /** Everything that was told of the container so far, in order. */
  private List<Event> of(OciContainer container) {
    List<Event> told = new ArrayList<>(victims.events);
    told.removeIf(event -> !event.getProcess().getContainer().getId().equals(container.id));
    return told;
  }

  private Event await(OciContainer container, String operation) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                of(container).stream()
                    .filter(event -> event.getContainer().getOperation().equals(operation))
                    .findFirst()
                    .orElse(null),
            event -> event != null);
  }

  @Test
  void shouldKnowAContainerBeforeItsFirstExec() throws IOException {
    try (OciContainer container = container()) {
      container.start(false);
      Event start = await(container, "start");
      Container identity = start.getProcess().getContainer();
      assertThat(identity.getName()).isEqualTo("web");
      assertThat(identity.getImage()).isEqualTo("web:1");
      assertThat(identity.getPod()).isEqualTo("web-0");
      assertThat(identity.getNamespace()).isEqualTo("shop");
      assertThat(identity.getRuntime()).isEqualTo("containerd");
      Lifecycle how = start.getContainer();
      assertThat(how.hasPrivileged()).isTrue();
      assertThat(how.getPrivileged()).isFalse();
      assertThat(how.getCapabilities()).isEqualTo("net_bind_service");
      assertThat(how.getMounts()).isEqualTo("/usr");
      assertThat(how.getSharedNamespaces()).isEmpty();
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> of(container).stream().anyMatch(e -> isExec(e, "sleep")));
      List<Event> inside =
          of(container).stream()
              .filter(e -> e.getKind() == Kind.CONTAINER || isExec(e, "sh") || isExec(e, "sleep"))
              .toList();
      assertThat(inside)
          .extracting(Event::getKind)
          .containsExactly(Kind.CONTAINER, Kind.EXEC, Kind.EXEC);
      assertThat(inside.get(1).getProcess().getId()).isEqualTo(start.getProcess().getId());
    }
  }

  private static boolean isExec(Event event, String name) {
    return event.getKind() == Kind.EXEC
        && event.getProcess().getExe().startsWith("/usr/bin/")
        && (event.getProcess().getPath().endsWith("/" + name)
            || event.getProcess().getPath().equals(name));
  }

  @Test
  void shouldTellHowLittleAContainerIsKeptApart() throws IOException {
    try (OciContainer container = container()) {
      container.start(true);
      Lifecycle how = await(container, "start").getContainer();
      assertThat(how.getPrivileged()).isTrue();
      assertThat(how.getCapabilities()).isEqualTo("net_admin,sys_admin");
      assertThat(how.getMounts()).isEqualTo("/etc,/usr");
      assertThat(how.getSharedNamespaces()).isEqualTo("network");
    }
  }

  @Test
  void shouldTellWhoComesInFromOutside() throws IOException {
    try (OciContainer container = container()) {
      container.start(false);
      await(container, "start");
      container.runc("exec", container.id, "/bin/sh", "-c", "/bin/true; /bin/true");
      Event enter = await(container, "enter");
      assertThat(enter.getProcess().getPath()).isEqualTo("/bin/sh");
      assertThat(enter.getContainer().getCapabilities()).isEqualTo("net_bind_service");
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> of(container).stream().filter(e -> isExec(e, "true")).count() == 2);
      assertThat(of(container)).filteredOn(e -> e.getKind() == Kind.CONTAINER).hasSize(2);
    }
  }

  @Test
  void shouldTellWhoEntersTheNamespacesAlone() throws IOException {
    try (OciContainer container = container()) {
      container.start(false);
      await(container, "start");
      String token =
          victims.run(
              Victims.Place.HOST,
              "victim_app",
              "sh",
              "nsenter -t " + container.pid() + " -m -p /bin/sh -c /bin/true");
      Event enter = await(container, "enter");
      assertThat(enter.getProcess().getContainer().getName()).isEqualTo("web");
      assertThat(enter.getProcess().getPath()).isEqualTo("/bin/sh");
      assertThat(enter.getProcess().getCgroup()).doesNotContain(container.id);
      assertThat(victims.await(token, Kind.EXEC, e -> true).getProcess().hasContainer()).isFalse();
    }
  }

  @Test
  void shouldTellThatItStopped() throws IOException {
    try (OciContainer container = container()) {
      container.start(false);
      Event start = await(container, "start");
      container.runc("kill", container.id, "KILL");
      Event stop = await(container, "stop");
      assertThat(stop.getProcess().getId()).isEqualTo(start.getProcess().getId());
      assertThat(stop.getProcess().getContainer().getPod()).isEqualTo("web-0");
      assertThat(stop.getContainer().getDuration()).isBetween(1L, 60_000_000_000L);
      assertThat(of(container)).filteredOn(e -> e.getKind() == Kind.CONTAINER).hasSize(2);
    }
  }
}
