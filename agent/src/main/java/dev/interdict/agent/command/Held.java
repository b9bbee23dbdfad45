package dev.interdict.agent.command;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A containment as this node has promised to keep it.
 *
 * @param boot the boot in which {@code cgroupId} names the cgroup
 * @param thaw release thaws the cgroup: it was not frozen by someone else before
 * @param since Unix nanoseconds
 * @param until Unix nanoseconds
 */
record Held(
    String id,
    String alertId,
    String boot,
    String cgroup,
    long cgroupId,
    boolean cut,
    boolean freeze,
    boolean thaw,
    long since,
    long until) {

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(id);
    out.writeUTF(alertId);
    out.writeUTF(boot);
    out.writeUTF(cgroup);
    out.writeLong(cgroupId);
    out.writeBoolean(cut);
    out.writeBoolean(freeze);
    out.writeBoolean(thaw);
    out.writeLong(since);
    out.writeLong(until);
  }

  static Held read(DataInputStream in) throws IOException {
    return new Held(
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readLong(),
        in.readBoolean(),
        in.readBoolean(),
        in.readBoolean(),
        in.readLong(),
        in.readLong());
  }
}
