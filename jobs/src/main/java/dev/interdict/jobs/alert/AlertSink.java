package dev.interdict.jobs.alert;

import dev.interdict.schema.Alert;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Sends alerts at once. What was not acknowledged is part of every checkpoint and sent again after
 * a restore; a checkpoint never waits for it. So each alert arrives at least once, under one id.
 */
public final class AlertSink implements Sink<Alert>, SupportsWriterState<Alert, Alert> {
  private static final long serialVersionUID = 1;

  public static final int DEFAULT_BACKLOG = 4096;
  public static final Duration DEFAULT_RETRY = Duration.ofSeconds(1);

  private final AlertOutlet.Dialer dialer;
  private final int backlog;
  private final Duration retry;

  /**
   * @param backlog unacknowledged alerts that one subtask keeps; beyond it the oldest is given up
   *     and counted
   * @param retry pause before alerts that failed are sent again
   */
  public AlertSink(AlertOutlet.Dialer dialer, int backlog, Duration retry) {
    if (backlog < 1) {
      throw new IllegalArgumentException("invalid backlog=" + backlog + " minimum=1");
    }
    this.dialer = dialer;
    this.backlog = backlog;
    this.retry = retry;
  }

  @Override
  public StatefulSinkWriter<Alert, Alert> createWriter(WriterInitContext context)
      throws IOException {
    return restoreWriter(context, List.of());
  }

  @Override
  public StatefulSinkWriter<Alert, Alert> restoreWriter(
      WriterInitContext context, Collection<Alert> unacknowledged) throws IOException {
    return new AlertWriter(context, dialer.dial(), backlog, retry, unacknowledged);
  }

  @Override
  public SimpleVersionedSerializer<Alert> getWriterStateSerializer() {
    return AlertSerializer.Versioned.INSTANCE;
  }
}
