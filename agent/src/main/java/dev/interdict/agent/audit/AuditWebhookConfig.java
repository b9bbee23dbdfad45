package dev.interdict.agent.audit;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where the Kubernetes API server may send its audit events.
 *
 * @param key PEM, PKCS#8
 * @param certificate PEM, with those above it
 * @param tokenFile holds what callers have to present; null: no token is asked for
 * @param clientAuthority PEM of who signs callers' certificates; null: none is asked for
 */
public record AuditWebhookConfig(
    InetSocketAddress address, Path key, Path certificate, Path tokenFile, Path clientAuthority) {
  public AuditWebhookConfig {
    if (tokenFile == null && clientAuthority == null) {
      throw new IllegalArgumentException(
          "the audit webhook needs a token file or a client authority: else anybody could make"
              + " events");
    }
  }
}
