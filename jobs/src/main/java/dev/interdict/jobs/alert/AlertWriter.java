package dev.interdict.jobs.alert;

import dev.interdict.schema.Alert;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Belongs to the task's thread; acknowledgements come to it through the mailbox. */
final class AlertWriter implements StatefulSinkWriter<Alert, Alert> {
  private static final Logger LOG = LoggerFactory.getLogger(AlertWriter.class);

  private final AlertOutlet outlet;
  private final int backlog;
  private final long retryMillis;
  private final MailboxExecutor mailbox;
  private final ProcessingTimeService time;
  private final Map<String, Alert> unacknowledged = new LinkedHashMap<>();
  private final Set<String> failed = new HashSet<>();
  private final Counter sent;
  private final Counter errors;
  private final Counter givenUp;
  private boolean retryScheduled;

  AlertWriter(
      WriterInitContext context,
      AlertOutlet outlet,
      int backlog,
      Duration retry,
      Collection<Alert> restored) {
    this.outlet = outlet;
    this.backlog = backlog;
    this.retryMillis = retry.toMillis();
    this.mailbox = context.getMailboxExecutor();
    this.time = context.getProcessingTimeService();
    this.sent = context.metricGroup().getNumRecordsSendCounter();
    this.errors = context.metricGroup().getNumRecordsSendErrorsCounter();
    this.givenUp = context.metricGroup().counter("alertsGivenUp");
    context.metricGroup().gauge("alertsUnacknowledged", unacknowledged::size);
    restored.forEach(this::accept);
  }

  @Override
  public void write(Alert alert, Context context) {
    accept(alert);
  }

  private void accept(Alert alert) {
    if (unacknowledged.putIfAbsent(Folding.version(alert), alert) != null) {
      return;
    }
    if (unacknowledged.size() > backlog) {
      giveUpOldest();
    }
    send(alert);
  }

  private void giveUpOldest() {
    Iterator<Alert> oldest = unacknowledged.values().iterator();
    Alert lost = oldest.next();
    oldest.remove();
    failed.remove(Folding.version(lost));
    givenUp.inc();
    LOG.error(
        "alert {} of rule {} given up: no acknowledgement, backlog limit={}",
        lost.getId(),
        lost.getRuleId(),
        backlog);
  }

  private void send(Alert alert) {
    sent.inc();
    String version = Folding.version(alert);
    outlet.publish(alert).whenComplete((done, failure) -> answered(version, failure));
  }

  /** On a thread of the connection. */
  private void answered(String id, Throwable failure) {
    try {
      mailbox.execute(() -> settle(id, failure), "answer to an alert");
    } catch (RejectedExecutionException e) {
      LOG.debug("the task ended before the answer to alert {}", id, e);
    }
  }

  private void settle(String id, Throwable failure) {
    if (failure == null) {
      unacknowledged.remove(id);
      failed.remove(id);
    } else if (unacknowledged.containsKey(id)) {
      errors.inc();
      LOG.warn("alert {} not acknowledged, sending again: {}", id, failure.getMessage());
      failed.add(id);
      if (!retryScheduled) {
        retryScheduled = true;
        time.registerTimer(time.getCurrentProcessingTime() + retryMillis, now -> retry());
      }
    }
  }

  private void retry() {
    retryScheduled = false;
    List<Alert> again = new ArrayList<>();
    failed.forEach(id -> again.add(unacknowledged.get(id)));
    failed.clear();
    again.forEach(this::send);
  }

  /** Nothing to wait for: the state holds what is under way. */
  @Override
  public void flush(boolean endOfInput) {}

  @Override
  public List<Alert> snapshotState(long checkpoint) {
    return new ArrayList<>(unacknowledged.values());
  }

  @Override
  public void close() throws IOException {
    outlet.close();
  }
}
