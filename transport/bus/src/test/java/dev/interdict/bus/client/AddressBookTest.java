package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AddressBookTest {
  private static final Duration OFTEN = Duration.ofMillis(10);

  private final AtomicReference<List<String>> zone = new AtomicReference<>(List.of());
  private final List<List<InetSocketAddress>> told = new CopyOnWriteArrayList<>();

  private InetAddress[] resolve(String host) throws UnknownHostException {
    List<String> addresses = zone.get();
    if (!host.equals("backplane.interdict.svc") || addresses.isEmpty()) {
      throw new UnknownHostException(host);
    }
    InetAddress[] found = new InetAddress[addresses.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.getByName(addresses.get(i));
    }
    return found;
  }

  private static InetSocketAddress at(String address) {
    return new InetSocketAddress(address, 7400);
  }

  private List<InetSocketAddress> last() {
    return told.isEmpty() ? List.of() : told.get(told.size() - 1);
  }

  @Test
  void shouldFollowAName() {
    List<InetSocketAddress> given =
        List.of(
            InetSocketAddress.createUnresolved("backplane.interdict.svc", 7400), at("10.0.0.9"));
    try (AddressBook book = new AddressBook(given, this::resolve, OFTEN, told::add)) {
      assertThat(book).isNotNull();
      await().until(() -> last().equals(List.of(at("10.0.0.9"))));
      zone.set(List.of("10.0.0.1", "10.0.0.2"));
      await().until(() -> last().equals(List.of(at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.9"))));
      zone.set(List.of("10.0.0.3", "10.0.0.2"));
      await().until(() -> last().equals(List.of(at("10.0.0.3"), at("10.0.0.2"), at("10.0.0.9"))));
    }
  }

  @Test
  void shouldNeitherForgetNorReorderWithoutReason() {
    List<InetSocketAddress> given =
        List.of(InetSocketAddress.createUnresolved("backplane.interdict.svc", 7400));
    zone.set(List.of("10.0.0.1", "10.0.0.2"));
    try (AddressBook book = new AddressBook(given, this::resolve, OFTEN, told::add)) {
      assertThat(book).isNotNull();
      await().until(() -> !told.isEmpty());
      zone.set(List.of("10.0.0.2", "10.0.0.1"));
      await().during(200, TimeUnit.MILLISECONDS).until(() -> told.size() == 1);
      zone.set(List.of());
      await().during(200, TimeUnit.MILLISECONDS).until(() -> told.size() == 1);
    }
  }

  @Test
  void shouldTellAddressesAtOnce() {
    try (AddressBook book =
        new AddressBook(List.of(at("10.0.0.1")), this::resolve, OFTEN, told::add)) {
      assertThat(book).isNotNull();
      assertThat(told).containsExactly(List.of(at("10.0.0.1")));
    }
  }
}
