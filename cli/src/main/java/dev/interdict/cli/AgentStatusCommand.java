package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interdict.agent.Agent;
import dev.interdict.bus.local.LocalClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "status",
    description = "What the agent on this host sees, loses, records and holds.",
    mixinStandardHelpOptions = true)
final class AgentStatusCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/agent",
      description = "Data directory of the running agent (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    String status =
        new String(LocalClient.ask(data, Agent.SOCKET, "status"), StandardCharsets.UTF_8);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(status);
    } else {
      print(status, out);
    }
    out.flush();
    return ExitCode.OK;
  }

  /** One line per value; what stands in an array is one line per element. */
  private static void print(String status, PrintWriter out) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(status)) {
      String array = "";
      boolean inElement = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case START_ARRAY -> {
            array = parser.currentName();
            out.println(array + ":");
          }
          case END_ARRAY -> array = "";
          case START_OBJECT -> {
            inElement = !array.isEmpty();
            out.print(inElement ? " " : "");
          }
          case END_OBJECT -> {
            if (inElement) {
              out.println();
            }
            inElement = false;
          }
          default -> {
            if (token.isScalarValue()) {
              if (inElement) {
                out.print(" " + parser.currentName() + "=" + parser.getText());
              } else {
                out.println(parser.currentName() + ": " + parser.getText());
              }
            }
          }
        }
      }
    }
  }
}
