package dev.interdict.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;

/**
 * Where messages go and which. In code, because reading an XML file at the start takes a hundred
 * classes that an agent would keep for as long as it runs. {@code INTERDICT_LOG} sets the level of
 * our own packages.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String OURS = "dev.interdict";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY; // as for Flink's own processes
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{24} %msg%n");
    encoder.start();
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setName("stderr");
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(stderr);
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.ERROR);
    context.getLogger(OURS).setLevel(Level.toLevel(System.getenv("INTERDICT_LOG"), Level.WARN));
    // Reports an ordinary race between a cancelled job and its checkpoint as an error.
    context.getLogger("org.apache.flink.runtime.rpc.pekko").setLevel(Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
