package dev.interdict.cli;

import dev.interdict.bus.metrics.MetricsEndpoint;
import dev.interdict.bus.metrics.MetricsEndpoint.Meters;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import picocli.CommandLine.Option;

/** Where a part that runs on tells its metrics. */
final class MetricsOption {
  private static final String NONE = "-";

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Prometheus endpoint, such as 127.0.0.1:9401; - for none (default: none).")
  private String metrics = NONE;

  /** Says where; a part that tells none closes nothing. */
  Closeable start(Meters meters, PrintWriter out) throws IOException {
    if (metrics.equals(NONE)) {
      return () -> {};
    }
    MetricsEndpoint endpoint = MetricsEndpoint.start(bound(metrics), meters);
    out.printf("metrics on http://%s/metrics%n", text(endpoint.address()));
    return endpoint::close;
  }

  static InetSocketAddress bound(String text) {
    InetSocketAddress address = AgentRunCommand.address(text);
    return new InetSocketAddress(address.getHostString(), address.getPort());
  }

  static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
