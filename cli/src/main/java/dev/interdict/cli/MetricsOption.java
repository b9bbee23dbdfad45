package dev.interdict.cli;

import dev.interdict.bus.metrics.MetricsEndpoint;
import dev.interdict.bus.metrics.MetricsEndpoint.Meters;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Where a part that runs on tells its metrics. */
final class MetricsOption {
  static final String NONE = "-";

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Prometheus endpoint; - for none (default: ${DEFAULT-VALUE}).")
  private String metrics;

  /**
   * @param otherwise where it is unless said
   */
  MetricsOption(String otherwise) {
    metrics = otherwise;
  }

  /** Says where; a part that tells none closes nothing. */
  Closeable start(Meters meters, PrintWriter out) throws IOException {
    if (metrics.equals(NONE)) {
      return () -> {};
    }
    MetricsEndpoint endpoint = MetricsEndpoint.start(HostPort.bound(metrics), meters);
    out.printf("metrics on http://%s/metrics%n", HostPort.text(endpoint.address()));
    return endpoint::close;
  }
}
