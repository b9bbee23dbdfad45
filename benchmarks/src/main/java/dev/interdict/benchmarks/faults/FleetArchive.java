package dev.interdict.benchmarks.faults;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Identity;
import dev.interdict.jobs.ArchiveConfig;
import dev.interdict.jobs.ArchiveJob;
import dev.interdict.jobs.EmbeddedFlink;
import dev.interdict.jobs.EmbeddedJob;
import dev.interdict.jobs.source.Start;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The archive job in a process, which goes on from its newest checkpoint when it is started. */
final class FleetArchive {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration CHECKPOINTS = Duration.ofSeconds(5);

  private FleetArchive() {}

  /** Data directory, Flink's directory, identity, addresses. */
  public static void main(String[] arguments) throws IOException {
    EmbeddedFlink flink =
        EmbeddedFlink.start(new EmbeddedFlink.Settings(Path.of(arguments[1]), 2, CHECKPOINTS));
    String checkpoint = flink.newestCheckpoint(ArchiveJob.NAME);
    System.out.println("from " + (checkpoint == null ? "the beginning" : checkpoint));
    EmbeddedJob job =
        flink.submitArchive(
            new ArchiveConfig(
                flink.access(
                    new BusConfig(
                        FaultNode.addresses(arguments, 3), Identity.load(Path.of(arguments[2])))),
                new Catalog(Path.of(arguments[0])).events().toUri(),
                Start.EARLIEST),
            2,
            checkpoint);
    job.awaitRunning(TIMEOUT);
    System.out.println("running");
    LockSupport.park();
  }
}
