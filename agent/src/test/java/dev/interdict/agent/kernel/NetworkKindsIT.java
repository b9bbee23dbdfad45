package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Connection.Family;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real packets and sockets of every network kind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NetworkKindsIT {
  private static final String VICTIM = "victim_network";

  @TempDir private static Path directory;
  private Victims victims;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    victims = new Victims(directory, config -> config);
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhatNameIsAskedFor(Place place) throws IOException {
    Event event =
        victims.await(
            victims.run(place, VICTIM, "dns", "Exfil.a b.example.com"), Kind.DNS, e -> true);
    victims.checkPlace(place, event);
    Connection asked = event.getDns();
    assertThat(asked.getQuestion()).isEqualTo("exfil.a\\x20b.example.com");
    assertThat(asked.getQuestionType()).isEqualTo("TXT");
    assertThat(asked.getRemoteAddress()).isEqualTo("127.0.0.1");
    assertThat(asked.getRemotePort()).isEqualTo(53);
    assertThat(asked.getProtocol()).isEqualTo("udp");
  }

  @Test
  void shouldSeeAQuestionThatIsWrittenAndNotSent() throws IOException {
    String token = victims.run(Place.HOST, VICTIM, "dns-write", "go.example.org");
    Connection asked = victims.await(token, Kind.DNS, e -> true).getDns();
    assertThat(asked.getQuestion()).isEqualTo("go.example.org");
    assertThat(asked.getQuestionType()).isEqualTo("AAAA");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellOfADatagramPeerOnce(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "udp", "3478");
    Event v4 = victims.await(token, Kind.UDP, e -> e.getUdp().getFamily() == Family.INET);
    victims.checkPlace(place, v4);
    Event v6 = victims.await(token, Kind.UDP, e -> e.getUdp().getFamily() == Family.INET6);
    assertThat(v4.getUdp().getRemotePort()).isEqualTo(3478);
    assertThat(v4.getUdp().getLocalPort()).isPositive();
    assertThat(v4.getUdp().getType()).isEqualTo("datagram");
    assertThat(v6.getUdp().getRemoteAddress()).isEqualTo("::1");
    victims.await(token, Kind.EXIT, e -> true);
    assertThat(victims.events)
        .filteredOn(e -> e.getKind() == Kind.UDP)
        .filteredOn(e -> e.getProcess().getArgsList().contains(token))
        .hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoTalksToAUnixSocket(Place place) throws IOException {
    Path path = directory.resolve(place + ".sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      String token = victims.run(place, VICTIM, "unix", path.toString());
      Event event = victims.await(token, Kind.UNIX, e -> true);
      victims.checkPlace(place, event);
      assertThat(event.getResult()).isZero();
      assertThat(event.getUnix().getFamily()).isEqualTo(Family.LOCAL);
      assertThat(event.getUnix().getPath()).isEqualTo(path.toString());
      assertThat(event.getUnix().getType()).isEqualTo("stream");
      assertThat(event.getUnix().getPeerPid()).isEqualTo((int) ProcessHandle.current().pid());
    }
  }

  @Test
  void shouldSeeThatAUnixSocketWasRefused() throws IOException {
    Path path = directory.resolve("closed.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      String token = victims.run(Place.HOST, VICTIM, "unix-refused", path.toString());
      Event event = victims.await(token, Kind.UNIX, e -> true);
      assertThat(event.getResult()).isEqualTo(-13);
      assertThat(event.getUnix().getPath()).isEqualTo(path.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeRawAndPacketSockets(Place place) throws IOException {
    Event raw = victims.await(victims.run(place, VICTIM, "raw"), Kind.RAWSOCKET, e -> true);
    victims.checkPlace(place, raw);
    assertThat(raw.getRawsocket().getFamily()).isEqualTo(Family.INET);
    assertThat(raw.getRawsocket().getType()).isEqualTo("raw");
    assertThat(raw.getRawsocket().getProtocol()).isEqualTo("icmp");
    Event packet = victims.await(victims.run(place, VICTIM, "packet"), Kind.RAWSOCKET, e -> true);
    assertThat(packet.getRawsocket().getFamily()).isEqualTo(Family.PACKET);
    assertThat(packet.getRawsocket().getProtocol()).isEqualTo("3"); // ETH_P_ALL
  }

  @Test
  void shouldSeeARawSocketThatWasRefused() throws IOException {
    String token = victims.run(Place.HOST, VICTIM, "raw-refused");
    assertThat(victims.await(token, Kind.RAWSOCKET, e -> true).getResult()).isEqualTo(-1);
  }

  @Test
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void shouldSeeARawSocketMadeByA32BitCall() throws IOException {
    String token = victims.run(Place.HOST, VICTIM, "raw32");
    Event event = victims.await(token, Kind.RAWSOCKET, e -> true);
    assertThat(event.getRawsocket().getProtocol()).isEqualTo("icmp");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoListensAndWhatWentOverAConnection(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "talk");
    Event listen = victims.await(token, Kind.LISTEN, e -> true);
    victims.checkPlace(place, listen);
    int port = listen.getListen().getLocalPort();
    assertThat(port).isPositive();
    assertThat(listen.getListen().getLocalAddress()).isEqualTo("127.0.0.1");
    Event client =
        victims.await(token, Kind.DISCONNECT, e -> e.getDisconnect().getRemotePort() == port);
    Event server =
        victims.await(token, Kind.DISCONNECT, e -> e.getDisconnect().getLocalPort() == port);
    victims.checkPlace(place, client);
    victims.checkPlace(place, server);
    assertThat(client.getDisconnect().getBytesSent()).isEqualTo(700);
    assertThat(client.getDisconnect().getBytesReceived()).isEqualTo(300);
    assertThat(client.getDisconnect().getDuration()).isPositive();
    assertThat(server.getDisconnect().getBytesSent()).isEqualTo(300);
    assertThat(server.getDisconnect().getBytesReceived()).isEqualTo(700);
    assertThat(server.getProcess().getId()).isNotEqualTo(client.getProcess().getId());
  }
}
