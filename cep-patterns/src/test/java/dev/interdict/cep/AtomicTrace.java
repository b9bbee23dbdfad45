package dev.interdict.cep;

import dev.interdict.cep.sigma.Yaml;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A recorded attack in Sigma's words, as events of ours, and the hits that are expected of it. */
record AtomicTrace(String name, Map<Integer, Event> events, Map<String, Set<Integer>> expected) {
  static AtomicTrace read(Path jsonLines) throws IOException {
    String name = jsonLines.getFileName().toString().replace(".jsonl", "");
    Map<Integer, Event> events = new LinkedHashMap<>();
    for (String line : Files.readAllLines(jsonLines)) {
      Yaml record = Yaml.documents(name, line).get(0);
      Event event = event(record);
      if (event != null) {
        events.put(Integer.parseInt(record.textOf("seq")), event);
      }
    }
    String json = Files.readString(jsonLines.resolveSibling(name + ".expected.json"));
    Map<String, Set<Integer>> expected = new TreeMap<>();
    Yaml.documents(name, json)
        .get(0)
        .get("sigma_hits")
        .entries()
        .forEach(
            (rule, hit) ->
                hit.textsOf("events").stream()
                    .map(Integer::valueOf)
                    .forEach(
                        seq -> expected.computeIfAbsent(rule, key -> new TreeSet<>()).add(seq)));
    return new AtomicTrace(name, events, expected);
  }

  private static Event event(Yaml record) {
    Event.Builder event = Event.newBuilder().setTime(Long.parseLong(record.textOf("seq")) + 1);
    Process.Builder process =
        Process.newBuilder()
            .setPid(Integer.parseInt(record.textOf("pid")))
            .setExe(record.textOf("Image"));
    switch (record.textOf("event")) {
      case "process_exec" -> {
        String path = record.textOf("path");
        String file = path.substring(path.lastIndexOf('/') + 1);
        process
            .setPath(path)
            .setComm(file.substring(0, Math.min(15, file.length())))
            .addAllArgs(record.textsOf("argv"))
            .setCwd(record.textOf("CurrentDirectory"))
            .setUser(record.textOf("User"))
            .setUid(Integer.parseInt(record.textOf("uid")))
            .addAncestors(
                Ancestor.newBuilder()
                    .setPid(Integer.parseInt(record.textOf("ppid")))
                    .setExe(record.textOf("ParentImage"))
                    .setCommandLine(record.textOf("ParentCommandLine")));
        event.setKind(Kind.EXEC).setExec(Exec.getDefaultInstance());
      }
      case "file_open" -> {
        event
            .setKind(Kind.OPEN)
            .setResult(record.get("errno").type() == Yaml.Type.NULL ? 0 : -1)
            .setOpen(
                FileOperation.newBuilder()
                    .setPath(record.textOf("TargetFilename"))
                    .setWrite(record.get("write").flag())
                    .setCreate(record.get("create").flag()));
        process.addAllArgs(List.of(record.textOf("CommandLine").split(" ", -1)));
      }
      case "network_connect" -> {
        event
            .setKind(Kind.CONNECT)
            .setConnect(
                Connection.newBuilder()
                    .setRemoteAddress(record.textOf("DestinationIp"))
                    .setRemotePort(Integer.parseInt(record.textOf("DestinationPort"))));
        process.addAllArgs(List.of(record.textOf("CommandLine").split(" ", -1)));
      }
      default -> {
        return null;
      }
    }
    return event.setProcess(process).build();
  }

  /** Sequence numbers of the events that each rule hits, by the rule's id. */
  Map<String, Set<Integer>> hits(RuleSet set) {
    Matcher matcher = set.newMatcher();
    Hits hits = new Hits();
    dev.interdict.schema.EventView view = new dev.interdict.schema.EventView();
    Map<String, Set<Integer>> found = new TreeMap<>();
    events.forEach(
        (seq, event) -> {
          byte[] bytes = event.toByteArray();
          matcher.match(view.wrap(bytes, 0, bytes.length), hits);
          for (int i = 0; i < hits.size(); i++) {
            String id = set.rules().get(hits.rule(i)).id();
            found.computeIfAbsent(id, key -> new TreeSet<>()).add(seq);
          }
        });
    return found;
  }
}
