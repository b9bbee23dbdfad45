package dev.interdict.benchmarks;

import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH benchmarks of a class in a forked JVM. */
final class Jmh {
  /**
   * @param nanos mean nanoseconds per operation
   * @param allocated bytes allocated per operation
   */
  record Score(double nanos, double allocated) {}

  private Jmh() {}

  /** Scores by the name of the benchmark method. */
  static Map<String, Score> run(Class<?> benchmarks, boolean quick) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(benchmarks.getName() + "\\..*")
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .forks(quick ? 0 : 2)
            .warmupIterations(quick ? 1 : 5)
            .measurementIterations(quick ? 1 : 5)
            .warmupTime(TimeValue.milliseconds(quick ? 50 : 500))
            .measurementTime(TimeValue.milliseconds(quick ? 50 : 1000))
            .addProfiler("gc");
    Map<String, Score> scores = new HashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      String method = result.getParams().getBenchmark();
      method = method.substring(method.lastIndexOf('.') + 1);
      var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      scores.put(
          method,
          new Score(
              result.getPrimaryResult().getScore(),
              allocated == null ? Double.NaN : allocated.getScore()));
    }
    return scores;
  }
}
