package dev.interdict.bus.client;

import dev.interdict.record.Recorder;
import dev.interdict.schema.NodeInfo;

/**
 * A node's side of the bus: announces the node on every backplane and serves subscriptions from its
 * recorder. Close it before the recorder.
 */
public final class NodeLink implements AutoCloseable {
  /**
   * Starts at once. The certificate must name the recorder's node; id, epoch and last sequence of
   * {@code info} are filled in here.
   */
  public NodeLink(BusConfig config, Recorder recorder, NodeInfo info, CommandHandler commands) {
    throw new UnsupportedOperationException();
  }

  /** Backplanes that know this node at present. */
  public int connections() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
