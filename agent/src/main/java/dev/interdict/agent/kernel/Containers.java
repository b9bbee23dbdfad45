package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Confinement;
import dev.interdict.agent.enrich.ContainerResolver;
import dev.interdict.agent.enrich.ContainerRun;
import dev.interdict.agent.enrich.ContainerRuns;
import dev.interdict.agent.enrich.ContainerRuns.Change;
import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.Users;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Events of kind CONTAINER, from what processes do: each stands in the stream before the event of
 * what caused it.
 */
final class Containers {
  private final ContainerRuns runs;
  private final ContainerResolver resolver;
  private final ProtoBuffer out = new ProtoBuffer(4096, 256 << 10);
  private final ProtoBuffer scratch = new ProtoBuffer(4096, 256 << 10);
  private Change change = Change.NONE;

  Containers(ContainerRuns runs, ContainerResolver resolver) {
    this.runs = runs;
    this.resolver = resolver;
  }

  /** A record of kind EXEC, after the process got its image. */
  void executed(Process process, ByteBuffer data, int at) {
    change = runs.executed(process, data.getInt(at + Record.Exec.MOUNT_NAMESPACE));
  }

  /** A record of kind EXIT. */
  void exited(Process process) {
    change = runs.exited(process);
  }

  /** Encodes what the record that was told last has changed; null where that is nothing. */
  ProtoBuffer event(ByteBuffer data, int at, Process process, Users users, long sinceEpoch) {
    Change told = change;
    ContainerRun run = process.run();
    change = Change.NONE;
    if (told == Change.NONE || run == null) {
      return null;
    }
    long time = data.getLong(at + Record.TIME);
    out.clear();
    out.fixedAlways(1, time + sinceEpoch);
    out.number(2, Kind.CONTAINER_VALUE);
    process.write(out, 3, scratch, users);
    int message = out.begin(EventDetail.numberOf(Kind.CONTAINER_VALUE));
    out.ascii(
        1,
        switch (told) {
          case STARTED -> "start";
          case ENTERED -> "enter";
          default -> "stop";
        });
    Confinement confinement =
        told == Change.STOPPED ? null : resolver.confinement(run.identity().id());
    if (confinement != null) {
      out.flagAlways(2, confinement.privileged());
      text(3, confinement.capabilities());
      text(4, confinement.mounts());
      text(5, confinement.sharedNamespaces());
    }
    if (told == Change.STOPPED) {
      out.numberAlways(6, time - run.since());
    }
    out.end(message);
    return out;
  }

  private void text(int field, String value) {
    if (!value.isEmpty()) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      out.text(field, bytes, 0, bytes.length);
    }
  }
}
