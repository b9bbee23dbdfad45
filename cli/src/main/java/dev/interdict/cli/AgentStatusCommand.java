package dev.interdict.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
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
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Fields of --json:",
      "  node, name, epoch, last_sequence, started, connections   who it is and how it is connected",
      "  capturing   false: the sensor has stopped",
      "  events, event_bytes, unwritten   recorded since the start; what the disk did not take",
      "  kinds[]   kind, seen = filtered + deduplicated + capped + recorded + lost; summaries",
      "  undecodable, wakeups, processes   of the sensor",
      "  hooks[]   kind, hook, attached, and the reason where it is not",
      "  missing_capabilities[], can_contain, obstacle",
      "  containments[]   id, cgroup, cut, frozen, until",
      "",
      "Exit codes: 0 it answered, 1 no agent runs with this data directory, 2 bad arguments."
    })
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
      AgentStatusText.print(new ObjectMapper().readTree(status), out);
    }
    out.flush();
    return ExitCode.OK;
  }
}
