package dev.interdict.agent.command;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A containment as this node has promised to keep it.
 *
 * @param boot the boot in which {@code cgroupId} names the cgroup
 * @param cgroupId 0: a quarantine that may not have been made yet
 * @param thaw release thaws the cgroup: it was not frozen by someone else before
 * @param since Unix nanoseconds
 * @param until Unix nanoseconds
 * @param quarantine null where the cgroup is contained as it is
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
    long until,
    Quarantine quarantine) {

  Held withCgroupId(long value) {
    return new Held(id, alertId, boot, cgroup, value, cut, freeze, thaw, since, until, quarantine);
  }

  Held withQuarantine(Quarantine value) {
    return new Held(id, alertId, boot, cgroup, cgroupId, cut, freeze, thaw, since, until, value);
  }

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
    out.writeBoolean(quarantine != null);
    if (quarantine != null) {
      quarantine.write(out);
    }
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
        in.readLong(),
        // A journal of before there were quarantines ends here.
        in.available() > 0 && in.readBoolean() ? Quarantine.read(in) : null);
  }
}
