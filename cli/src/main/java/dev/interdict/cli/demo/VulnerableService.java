package dev.interdict.cli.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The demo's victim: a web service that hands a request parameter to {@code /bin/sh}. The hole is
 * the point. It runs as a process of its own inside the throw-away container, listens on loopback
 * alone, and answers only below a path that was made up for this run, so that no other user of the
 * host can use it. Prints {@code listening PORT} once it accepts connections.
 */
public final class VulnerableService {
  private VulnerableService() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1 || !args[0].matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException("expected one argument, the secret path: 32 hex digits");
    }
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 16);
    ExecutorService requests = Executors.newCachedThreadPool();
    server.setExecutor(requests);
    server.createContext("/" + args[0] + "/thumbnail", VulnerableService::thumbnail);
    server.start();
    System.out.println("listening " + server.getAddress().getPort());
    System.out.flush();
  }

  private static void thumbnail(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String image =
        query != null && query.startsWith("image=")
            ? URLDecoder.decode(query.substring("image=".length()), StandardCharsets.UTF_8)
            : "none";
    Process convert =
        new ProcessBuilder("/bin/sh", "-c", "ls -l /srv/images/" + image)
            .redirectErrorStream(true)
            .start();
    convert.getOutputStream().close();
    byte[] output = convert.getInputStream().readNBytes(1 << 16);
    exchange.sendResponseHeaders(200, output.length == 0 ? -1 : output.length);
    exchange.getResponseBody().write(output);
    exchange.close();
  }
}
