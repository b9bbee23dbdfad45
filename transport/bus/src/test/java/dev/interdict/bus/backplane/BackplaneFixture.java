package dev.interdict.bus.backplane;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Timeouts;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;

/** A backplane on loopback with an authority of its own, and what was started beside it. */
public final class BackplaneFixture implements AutoCloseable {
  public static final Timeouts QUICK =
      new Timeouts(
          Duration.ofSeconds(2),
          Duration.ofMillis(3000),
          Duration.ofMillis(300),
          Duration.ofMillis(1500));
  public static final Duration DAY = Duration.ofDays(1);

  public final Pki pki = Pki.create("test", DAY);
  private final Deque<Closeable> started = new ArrayDeque<>();
  private final Identity identity = pki.issue(Role.BACKPLANE, "backplane-1", DAY);
  private final UnaryOperator<BackplaneConfig> settings;
  private Backplane backplane;
  private InetSocketAddress address;

  public BackplaneFixture() throws IOException {
    this(Timeouts.DEFAULT);
  }

  public BackplaneFixture(Timeouts timeouts) throws IOException {
    this(config -> config.withTimeouts(timeouts));
  }

  public BackplaneFixture(UnaryOperator<BackplaneConfig> settings) throws IOException {
    this.settings = settings;
    start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private void start(InetSocketAddress bind) throws IOException {
    backplane = Backplane.start(settings.apply(new BackplaneConfig(bind, identity)));
    address = backplane.address();
  }

  public Backplane backplane() {
    return backplane;
  }

  public InetSocketAddress address() {
    return address;
  }

  public void stopBackplane() {
    backplane.close();
  }

  /** On the address that it had. */
  public void restartBackplane() throws IOException {
    start(address);
  }

  public Identity issue(Role role, String id) {
    return pki.issue(role, id, DAY);
  }

  public BusConfig config(Identity of) {
    return new BusConfig(List.of(address), of);
  }

  public BusClient client(Role role, String id) {
    return closeLater(BusClient.connect(config(issue(role, id)), id));
  }

  public <T extends Closeable> T closeLater(T resource) {
    started.push(resource);
    return resource;
  }

  public BusClient closeLater(BusClient client) {
    started.push(client::close);
    return client;
  }

  @Override
  public void close() throws IOException {
    for (Closeable resource : started) {
      resource.close();
    }
    backplane.close();
  }
}
