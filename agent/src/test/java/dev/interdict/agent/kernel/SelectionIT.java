package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is observed changes while the sensor runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SelectionIT {
  private static final long OPEN = Kinds.bit(Kind.OPEN);
  private static final String VICTIM = "victim_repeat";

  @TempDir private static Path directory;
  private Victims victims;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    victims = new Victims(directory, config -> config.withKinds(Set.of(Kind.EXEC, Kind.EXIT)));
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  @BeforeEach
  void onlyTheProfile() throws IOException {
    victims.sensor.select(List.of());
  }

  @Test
  void shouldObserveNoMoreThanTheProfileWhileNobodyWantsIt() throws IOException {
    assertThat(opens(Place.HOST)).isEmpty();
    assertThat(opens(Place.CONTAINER)).isEmpty();
  }

  @Test
  void shouldObserveWhatSomebodyWantsAndNoMoreWhenHeIsGone() throws IOException {
    victims.sensor.select(List.of(new Interest(OPEN, null, 0)));
    assertThat(opens(Place.HOST)).isNotEmpty();
    assertThat(opens(Place.CONTAINER)).isNotEmpty();
    victims.sensor.select(List.of());
    assertThat(opens(Place.HOST)).isEmpty();
  }

  @Test
  void shouldTellEachForWhoeverCounts() throws IOException {
    victims.sensor.select(List.of(new Interest(OPEN, null, OPEN)));
    assertThat(opens(Place.HOST)).hasSize(TIMES).allMatch(e -> e.getCount() == 0);
  }

  @Test
  void shouldObserveNetworkKindsInTheContainersThatAreMeantOnly() throws IOException {
    long kinds = Kinds.bit(Kind.CONNECT) | Kinds.bit(Kind.LISTEN);
    victims.sensor.select(
        List.of(new Interest(kinds, container -> "victim".equals(container.name()), 0)));
    victims.await(victims.run(Place.CONTAINER, VICTIM, "connects", "3"), Kind.EXIT, e -> true);
    String inside = victims.run(Place.CONTAINER, VICTIM, "connects", "3");
    victims.await(inside, Kind.CONNECT, e -> true);
    String outside = victims.run(Place.HOST, VICTIM, "connects", "3");
    victims.await(outside, Kind.EXIT, e -> true);
    assertThat(of(outside, Kind.CONNECT)).isEmpty();
    assertThat(of(outside, Kind.LISTEN)).isEmpty();
    assertThat(of(inside, Kind.LISTEN)).isNotEmpty();
  }

  private static final int TIMES = 7;

  private List<Event> opens(Place place) throws IOException {
    Path folder = Files.createTempDirectory(directory, "folder");
    String token = victims.run(place, VICTIM, "writes", folder.toString(), Integer.toString(TIMES));
    victims.await(token, Kind.EXIT, e -> true);
    return of(token, Kind.OPEN).stream()
        .filter(e -> e.getOpen().getPath().startsWith(folder.toString()))
        .toList();
  }

  private List<Event> of(String token, Kind kind) {
    return victims.events.stream()
        .filter(e -> e.getKind() == kind && e.getProcess().getArgsList().contains(token))
        .toList();
  }
}
