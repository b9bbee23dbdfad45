#!/bin/sh
# A Java application server: it starts, compiles what is hot, answers requests, asks its host how full the disk is.
case $1 in
  prepare)
    for tool in java javac curl; do
      command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
    done
    mkdir -p /opt/shop/lib /var/lib/shop /var/log/shop
    cat > /opt/shop/Shop.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.io.FileWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

public class Shop {
  public static void main(String[] arguments) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.createContext("/", exchange -> {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 2000; i++) text.append(Integer.toHexString(i * 31));
      try (FileWriter log = new FileWriter("/var/log/shop/access.log", true)) {
        log.write(exchange.getRequestURI() + "\n");
      }
      Path session = Files.createTempFile("session", ".tmp");
      Files.writeString(session, text);
      Files.delete(session);
      byte[] body = text.toString().getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.createContext("/health", exchange -> {
      try {
        new ProcessBuilder("df", "-k", "/").start().waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    server.start();
    Files.writeString(Path.of("/var/lib/shop/port"), "" + server.getAddress().getPort());
  }
}
JAVA
    javac -d /opt/shop/lib /opt/shop/Shop.java
    rm -f /var/lib/shop/port
    ;;
  serve)
    exec java -Xmx256m -cp /opt/shop/lib Shop
    ;;
  work)
    while [ ! -s /var/lib/shop/port ]; do sleep 0.2; done
    port=$(cat /var/lib/shop/port)
    round=0
    while [ $round -lt 40 ]; do
      curl -s -o /dev/null "http://127.0.0.1:$port/list?page=[1-20]"
      curl -s -o /dev/null "http://127.0.0.1:$port/health"
      round=$((round + 1))
    done
    server=$(jps | sed -n 's/ Shop$//p')
    jcmd "$server" GC.heap_info > /dev/null 2>&1
    jstack "$server" > /dev/null 2>&1
    exit 0
    ;;
esac
