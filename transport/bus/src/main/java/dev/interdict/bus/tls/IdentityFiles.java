package dev.interdict.bus.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity in a directory, read again when its files change. What cannot be read, or names
 * somebody else, is reported, and the one before stays in use.
 */
public final class IdentityFiles implements IdentitySource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(IdentityFiles.class);

  private final Path directory;
  private final Duration interval;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Identity current;
  private List<Object> seen;

  private IdentityFiles(Path directory, Duration interval) throws IOException {
    this.directory = directory;
    this.interval = interval;
    seen = versions();
    current = Identity.load(directory);
  }

  public static IdentityFiles watch(Path directory) throws IOException {
    return watch(directory, Duration.ofSeconds(5));
  }

  public static IdentityFiles watch(Path directory, Duration interval) throws IOException {
    IdentityFiles files = new IdentityFiles(directory, interval);
    Thread thread = new Thread(files::run, "interdict-identity");
    thread.setDaemon(true);
    thread.start();
    return files;
  }

  @Override
  public Identity identity() {
    return current;
  }

  @Override
  public Runnable onChange(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private void run() {
    try {
      while (!stop.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      List<Object> now = versions();
      if (now.equals(seen)) {
        return;
      }
      Identity loaded = Identity.load(directory);
      seen = now;
      if (!loaded.name().equals(current.name())) {
        throw new IOException("it names " + loaded.name() + ", in use is " + current.name());
      }
      current = loaded;
      log.info(
          "identity {} read again, valid until {}",
          loaded.name(),
          loaded.certificate().getNotAfter().toInstant());
      listeners.forEach(Runnable::run);
    } catch (IOException | IllegalArgumentException e) {
      log.warn("identity in {} is not taken: {}", directory, e.getMessage());
    }
  }

  /**
   * Key and certificate are two files: while only one is new they do not fit, and it is asked
   * again.
   */
  private List<Object> versions() throws IOException {
    List<Object> versions = new ArrayList<>();
    for (String name : List.of(Identity.KEY_FILE, Identity.CERTIFICATE_FILE, Identity.CA_FILE)) {
      Path file = directory.resolve(name);
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      versions.add(attributes.lastModifiedTime());
      versions.add(attributes.size());
      versions.add(String.valueOf(attributes.fileKey()));
    }
    return versions;
  }

  @Override
  public void close() {
    stop.countDown();
  }
}
