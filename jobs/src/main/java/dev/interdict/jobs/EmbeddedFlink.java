package dev.interdict.jobs;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.jobs.sequence.SequenceProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/** A whole Flink in this process, for one machine. Any thread. */
public final class EmbeddedFlink implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Settings settings;
  private final MiniCluster cluster;
  private final List<String> locals = new CopyOnWriteArrayList<>();
  private final List<EmbeddedJob> jobs = new CopyOnWriteArrayList<>();

  /**
   * @param directory for checkpoints and temporary files; made if absent
   * @param slots each job takes as many as its parallelism
   */
  public record Settings(
      Path directory, int slots, Duration checkpointInterval, Duration restartDelay) {
    public Settings(Path directory, int slots, Duration checkpointInterval) {
      this(directory, slots, checkpointInterval, Duration.ofMillis(200));
    }
  }

  private EmbeddedFlink(Settings settings, MiniCluster cluster) {
    this.settings = settings;
    this.cluster = cluster;
  }

  public static EmbeddedFlink start(Settings settings) throws IOException {
    Files.createDirectories(settings.directory().resolve("tmp"));
    MiniClusterConfiguration configuration =
        new MiniClusterConfiguration.Builder()
            .setConfiguration(clusterConfiguration(settings))
            .setNumTaskManagers(1)
            .setNumSlotsPerTaskManager(settings.slots())
            .withRandomPorts()
            .build();
    MiniCluster cluster = new MiniCluster(configuration);
    try {
      cluster.start();
    } catch (Exception e) { // declared so by Flink
      throw new IOException("cannot start the embedded Flink: " + e.getMessage(), e);
    }
    return new EmbeddedFlink(settings, cluster);
  }

  private static Configuration clusterConfiguration(Settings settings) {
    Configuration configuration = new Configuration();
    configuration.set(CoreOptions.TMP_DIRS, settings.directory().resolve("tmp").toString());
    configuration.set(JobManagerOptions.ADDRESS, "localhost");
    configuration.set(JobManagerOptions.BIND_HOST, "localhost");
    configuration.set(TaskManagerOptions.BIND_HOST, "localhost");
    configuration.set(TaskManagerOptions.HOST, "localhost");
    // A reverse DNS look-up can take seconds where there is no DNS.
    configuration.set(JobManagerOptions.RETRIEVE_TASK_MANAGER_HOSTNAME, false);
    configuration.set(WebOptions.SUBMIT_ENABLE, false);
    configuration.set(WebOptions.CANCEL_ENABLE, false);
    // No record crosses a task boundary: the chains need no network buffers of their own.
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(8));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(8));
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(1));
    return configuration;
  }

  /** For a job's bus: valid until {@link #close}. */
  public BusAccess access(BusConfig config) {
    BusAccess access = BusAccess.inProcess(config);
    locals.add(access.local());
    return access;
  }

  public EmbeddedJob submitDetection(DetectionConfig config, int parallelism) throws IOException {
    return submitDetection(config, parallelism, null, null);
  }

  /**
   * @param restoreFrom path of a checkpoint or savepoint, or null
   * @param progress told of partial matches, or null
   */
  public EmbeddedJob submitDetection(
      DetectionConfig config,
      int parallelism,
      String restoreFrom,
      SequenceProgress.Listener progress)
      throws IOException {
    DetectionConfig used = config;
    if (progress != null) {
      String key = Local.put(progress);
      locals.add(key);
      used = config.withProgress(key);
    }
    DetectionConfig built = used;
    return submit(
        DetectionJob.NAME, parallelism, restoreFrom, env -> DetectionJob.build(env, built));
  }

  public EmbeddedJob submitArchive(ArchiveConfig config, int parallelism) throws IOException {
    return submitArchive(config, parallelism, null);
  }

  /**
   * @param restoreFrom path of a checkpoint or savepoint, or null
   */
  public EmbeddedJob submitArchive(ArchiveConfig config, int parallelism, String restoreFrom)
      throws IOException {
    return submit(ArchiveJob.NAME, parallelism, restoreFrom, env -> ArchiveJob.build(env, config));
  }

  /**
   * Path of the checkpoint from which a job of that name has to go on after this process was
   * killed, or null where there is none. An older one would commit again what this one did.
   */
  public String newestCheckpoint(String job) throws IOException {
    Path checkpoints = directory(job).resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return null;
    }
    try (Stream<Path> files = Files.walk(checkpoints, 3)) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .max(Comparator.comparing(file -> file.toFile().lastModified()))
          .map(file -> file.getParent().toUri().toString())
          .orElse(null);
    }
  }

  EmbeddedJob submit(
      String name, int parallelism, String restoreFrom, Consumer<StreamExecutionEnvironment> build)
      throws IOException {
    Configuration configuration = jobConfiguration(name);
    if (restoreFrom != null) {
      configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, restoreFrom);
    }
    StreamExecutionEnvironment env = new StreamExecutionEnvironment(configuration);
    env.setParallelism(parallelism);
    build.accept(env);
    StreamGraph graph = env.getStreamGraph();
    graph.setJobName(name);
    graph.setJobId(new JobID());
    try {
      JobID id = cluster.submitJob(graph).get().getJobID();
      EmbeddedJob job = new EmbeddedJob(cluster, id, name, directory(name).resolve("savepoints"));
      jobs.add(job);
      return job;
    } catch (ExecutionException e) {
      throw new IOException("job " + name + " was refused: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while job " + name + " was submitted", e);
    }
  }

  private Configuration jobConfiguration(String name) {
    Configuration configuration = new Configuration();
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        directory(name).resolve("checkpoints").toUri().toString());
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, settings.checkpointInterval());
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, settings.restartDelay());
    return configuration;
  }

  private Path directory(String job) {
    return settings.directory().resolve(job);
  }

  /** Cancels what still runs; checkpoints stay on the disk. */
  @Override
  public void close() throws IOException {
    try {
      // A cluster that is closed under running jobs says many alarming things.
      for (EmbeddedJob job : jobs) {
        job.end(STOP_TIMEOUT);
      }
      cluster.close();
    } catch (Exception e) { // declared so by Flink
      throw new IOException("the embedded Flink did not stop cleanly: " + e.getMessage(), e);
    } finally {
      locals.forEach(Local::remove);
    }
  }
}
