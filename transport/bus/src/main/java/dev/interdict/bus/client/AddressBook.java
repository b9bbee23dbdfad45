package dev.interdict.bus.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the instances of the backplane are: addresses as they are, and names that are asked again
 * and again, each of which may stand for several. A name that cannot be resolved now keeps what it
 * stood for.
 */
public final class AddressBook implements AutoCloseable {
  /** The network's names, as a seam. */
  @FunctionalInterface
  public interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  private static final Logger log = LoggerFactory.getLogger(AddressBook.class);

  private final List<InetSocketAddress> given;
  private final Resolver resolver;
  private final Consumer<List<InetSocketAddress>> listener;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Set<InetSocketAddress>> found = new ArrayList<>();
  private List<InetSocketAddress> told = List.of();

  /** The listener is called on the book's thread, first as soon as something is known. */
  AddressBook(
      List<InetSocketAddress> given,
      Resolver resolver,
      Duration interval,
      Consumer<List<InetSocketAddress>> listener) {
    this.given = given;
    this.resolver = resolver;
    this.listener = listener;
    given.forEach(address -> found.add(Set.of()));
    if (given.stream().noneMatch(InetSocketAddress::isUnresolved)) {
      look();
    } else {
      Thread thread = new Thread(() -> run(interval), "interdict-addresses");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run(Duration interval) {
    look(); // a name server may take long: not on the caller's thread
    try {
      while (!stop.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    Set<InetSocketAddress> all = new LinkedHashSet<>();
    for (int i = 0; i < given.size(); i++) {
      InetSocketAddress address = given.get(i);
      found.set(i, address.isUnresolved() ? resolve(address, found.get(i)) : Set.of(address));
      all.addAll(found.get(i));
    }
    List<InetSocketAddress> now = List.copyOf(all);
    if (!now.equals(told)) {
      told = now;
      listener.accept(now);
    }
  }

  private Set<InetSocketAddress> resolve(InetSocketAddress name, Set<InetSocketAddress> before) {
    try {
      Set<InetSocketAddress> resolved = new LinkedHashSet<>();
      for (InetAddress each : resolver.resolve(name.getHostString())) {
        resolved.add(new InetSocketAddress(each, name.getPort()));
      }
      // The order of a name's addresses changes with each question and means nothing.
      return resolved.equals(before) ? before : resolved;
    } catch (UnknownHostException e) {
      if (before.isEmpty()) {
        log.info("backplane {} is not known yet: {}", name.getHostString(), e.getMessage());
      }
      return before;
    }
  }

  @Override
  public void close() {
    stop.countDown();
  }
}
