package dev.interdict.jobs.alert;

import dev.interdict.bus.client.BusClient;
import dev.interdict.jobs.BusAccess;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.io.Serializable;
import java.util.concurrent.CompletableFuture;

/** Where alerts leave the job. */
public interface AlertOutlet extends AutoCloseable {
  /**
   * Completes when a responder has the alert durably; fails if that is not known. Alerts are told
   * apart by id, so that one may be sent again.
   */
  CompletableFuture<Void> publish(Alert alert);

  @Override
  void close() throws IOException;

  /** Travels in the job graph. */
  interface Dialer extends Serializable {
    AlertOutlet dial() throws IOException;
  }

  static Dialer bus(BusAccess access, String name) {
    return () -> {
      BusClient client = BusClient.connect(access.open(), name);
      return new AlertOutlet() {
        @Override
        public CompletableFuture<Void> publish(Alert alert) {
          return client.publish(alert);
        }

        @Override
        public void close() {
          client.close();
        }
      };
    };
  }
}
