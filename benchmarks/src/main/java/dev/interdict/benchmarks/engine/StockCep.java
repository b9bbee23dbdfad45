package dev.interdict.benchmarks.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.interdict.jobs.ImmutableType;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeEventSerializer;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/** The same sequences as flink-cep is documented to be used: one operator for each pattern. */
public final class StockCep {
  private static final TypeInformation<NodeEvent> EVENT =
      ImmutableType.of(NodeEvent.class, NodeEventSerializer.INSTANCE);

  private static EngineInput input;
  private static final AtomicLong CPU_AFTER_WARM_UP = new AtomicLong();
  private static long warmUp;

  private StockCep() {}

  /** Events per second of processor time of the whole process, after a warm-up. */
  public static double measure(EngineInput events, int sequences, int count) throws Exception {
    input = events;
    warmUp = count / 4;
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
    DataStream<NodeEvent> source =
        env.fromSequence(0, count - 1L)
            .map(new Reading())
            .returns(EVENT)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<NodeEvent>forMonotonousTimestamps()
                    .withTimestampAssigner((event, time) -> event.timeMillis()));
    KeyedStream<NodeEvent, String> keyed = source.keyBy(new ByContainer(), Types.STRING);
    List<DataStream<Long>> found = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      found.add(CEP.pattern(keyed, pattern(i)).process(new Finding(), Types.LONG));
    }
    DataStream<Long> all = found.get(0);
    for (DataStream<Long> next : found.subList(1, found.size())) {
      all = all.union(next);
    }
    all.sinkTo(new DiscardingSink<>());
    env.execute("stock");
    long cpu = processCpu() - CPU_AFTER_WARM_UP.get();
    return (count - warmUp) * 1e9 / cpu;
  }

  private static Pattern<NodeEvent, ?> pattern(int sequence) {
    return Pattern.<NodeEvent>begin("0")
        .where(new Runs(EngineRules.stepProgram(sequence, 0)))
        .followedBy("1")
        .where(new Runs(EngineRules.stepProgram(sequence, 1)))
        .followedBy("2")
        .where(new Runs(EngineRules.stepProgram(sequence, 2)))
        .within(Duration.ofSeconds(60));
  }

  private static long processCpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static final class Reading implements MapFunction<Long, NodeEvent> {
    private static final long serialVersionUID = 1;

    @Override
    public NodeEvent map(Long number) {
      if (number == warmUp) {
        CPU_AFTER_WARM_UP.set(processCpu());
      }
      return input.event(number);
    }
  }

  private static final class ByContainer implements KeySelector<NodeEvent, String>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public String getKey(NodeEvent event) {
      String container =
          new EventView().wrap(event.body(), 0, event.body().length).string(Field.CONTAINER_ID);
      return container == null ? "" : container;
    }
  }

  private static final class Runs extends SimpleCondition<NodeEvent> {
    private static final long serialVersionUID = 1;

    private final String program;

    Runs(String program) {
      this.program = program;
    }

    @Override
    public boolean filter(NodeEvent event) throws IOException {
      EventView view = new EventView().wrap(event.body(), 0, event.body().length);
      return program.equals(view.string(Field.PROCESS_EXE));
    }
  }

  private static final class Finding extends PatternProcessFunction<NodeEvent, Long> {
    private static final long serialVersionUID = 1;

    @Override
    public void processMatch(
        Map<String, List<NodeEvent>> match, Context context, Collector<Long> out) {
      out.collect(match.get("2").get(0).sequence());
    }
  }
}
