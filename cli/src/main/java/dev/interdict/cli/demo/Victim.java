package dev.interdict.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/** The vulnerable service, serving inside a throw-away container of its own. */
public final class Victim implements AutoCloseable {
  private final DemoContainer container;
  private final URI service;

  private Victim(DemoContainer container, URI service) {
    this.container = container;
    this.service = service;
  }

  /** Returns when the service accepts connections. */
  public static Victim start(String name) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String secret = HexFormat.of().formatHex(random);
    DemoContainer container =
        DemoContainer.start(
            name,
            "interdict.dev/demo/thumbnails:1.0",
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toRealPath().toString(),
                "-Xmx24m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                "/srv",
                VulnerableService.class.getName(),
                secret));
    try {
      BufferedReader output =
          new BufferedReader(
              new InputStreamReader(container.process().getInputStream(), StandardCharsets.UTF_8));
      String port = container.awaitLine(output, "listening ");
      return new Victim(
          container, URI.create("http://127.0.0.1:" + port + "/" + secret + "/thumbnail"));
    } catch (IOException e) {
      container.close();
      throw e;
    }
  }

  public DemoContainer container() {
    return container;
  }

  /** Takes {@code ?image=NAME}, and more than it should. */
  public URI service() {
    return service;
  }

  @Override
  public void close() throws IOException {
    container.close();
  }
}
