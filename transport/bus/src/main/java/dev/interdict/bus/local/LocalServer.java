package dev.interdict.bus.local;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a person on the host talks to a running part of Interdict: a Unix-domain socket in its data
 * directory that only root and the part's own user may use. One request per connection: a line in,
 * a status byte and the answer out.
 */
public final class LocalServer implements AutoCloseable {
  static final int MAX_REQUEST = 4096;
  static final byte OK = 0;
  static final byte FAILED = 1;

  private static final Logger LOG = LoggerFactory.getLogger(LocalServer.class);
  private static final int MAX_CLIENTS = 16;
  private static final long REQUEST_SECONDS = 10;

  /** Answers one request; the message of an exception goes back to the person who asked. */
  @FunctionalInterface
  public interface Handler {
    byte[] handle(String request) throws IOException;
  }

  private final Path path;
  private final ServerSocketChannel listener;
  private final Handler handler;
  private final Semaphore free = new Semaphore(MAX_CLIENTS);
  private final ExecutorService clients =
      Executors.newCachedThreadPool(task -> daemon(task, "interdict-local-client"));
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "interdict-local-watchdog"));

  private LocalServer(Path path, ServerSocketChannel listener, Handler handler) {
    this.path = path;
    this.listener = listener;
    this.handler = handler;
  }

  /** Listens on {@code NAME.sock} below {@code directory}/run, where nobody else can look. */
  public static LocalServer start(Path directory, String name, Handler handler) throws IOException {
    Path path = socket(directory, name);
    Files.createDirectories(directory);
    if (!Files.isDirectory(path.getParent())) {
      Files.createDirectory(
          path.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Files.deleteIfExists(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      listener.close();
      throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
    }
    LocalServer server = new LocalServer(path, listener, handler);
    daemon(server::accept, "interdict-local").start();
    return server;
  }

  static Path socket(Path directory, String name) {
    return directory.toAbsolutePath().resolve("run").resolve(name + ".sock");
  }

  @Override
  public void close() throws IOException {
    listener.close();
    clients.shutdownNow();
    watchdog.shutdownNow();
    Files.deleteIfExists(path);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = listener.accept();
        if (!free.tryAcquire()) {
          client.close();
          continue;
        }
        clients.execute(() -> serve(client));
      }
    } catch (AsynchronousCloseException | RejectedExecutionException closed) {
      LOG.debug("{} is closed", path);
    } catch (IOException e) {
      LOG.error("{} no longer answers", path, e);
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      String user = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
      if (!user.equals("root") && !user.equals(System.getProperty("user.name"))) {
        write(
            client, FAILED, ("user " + user + " may not do this").getBytes(StandardCharsets.UTF_8));
        return;
      }
      String request = readLine(client);
      byte status = OK;
      byte[] answer;
      try {
        answer = handler.handle(request);
      } catch (IOException | RuntimeException e) {
        LOG.debug("request `{}` failed", request, e);
        status = FAILED;
        answer = String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
      }
      write(client, status, answer);
    } catch (IOException e) {
      LOG.debug("a client of {} went away", path, e);
    } finally {
      free.release();
    }
  }

  private String readLine(SocketChannel client) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(MAX_REQUEST);
    Future<?> limit =
        watchdog.schedule(() -> closeSilent(client), REQUEST_SECONDS, TimeUnit.SECONDS);
    try {
      while (line.hasRemaining()) {
        if (client.read(line) < 0) {
          throw new IOException("the request ended before its newline");
        }
        if (line.position() > 0 && line.get(line.position() - 1) == '\n') {
          return new String(line.array(), 0, line.position() - 1, StandardCharsets.UTF_8);
        }
      }
      throw new IOException("the request is longer than limit=" + MAX_REQUEST);
    } finally {
      limit.cancel(false);
    }
  }

  private void closeSilent(SocketChannel client) {
    try {
      client.close();
    } catch (IOException e) {
      LOG.debug("a client of {} cannot be closed", path, e);
    }
  }

  private static void write(SocketChannel client, byte status, byte[] answer) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(answer.length + 1).put(status).put(answer).flip();
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
