package dev.interdict.jobs.recorded;

import static dev.interdict.jobs.recorded.JsonValues.number;
import static dev.interdict.jobs.recorded.JsonValues.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.ArrayList;
import java.util.List;

/** An event of Tetragon's JSON export. Of kprobes those that open files or connect are known. */
final class TetragonRecord implements JsonRecords.Reading {
  private static final int ID_CHARACTERS = 64;

  private final ProcessTable processes = new ProcessTable();

  @Override
  public void read(JsonNode record, Emitter out) {
    String node = text(record, "node_name");
    long time = JsonValues.time(record, "time");
    if (record.path("seq").isIntegralNumber()) {
      out.seq(record.get("seq").longValue());
    }
    if (record.hasNonNull("gap")) {
      out.addGap(node, time, record.path("gap").path("count").asLong());
      return;
    }
    record
        .fields()
        .forEachRemaining(
            field -> {
              if (field.getKey().startsWith("process_") && field.getValue().has("process")) {
                read(field.getKey(), field.getValue(), node, time, out);
              }
            });
  }

  private void read(String type, JsonNode body, String node, long time, Emitter out) {
    Process.Builder process = process(body);
    processes.complete(node, process);
    Event.Builder event = Event.newBuilder();
    switch (type) {
      case "process_exec" -> {
        event.setKind(Kind.EXEC).setExec(Exec.getDefaultInstance());
        processes.put(node, process);
      }
      case "process_exit" ->
          event.setKind(Kind.EXIT).setExit(Exit.newBuilder().setCode((int) number(body, "status")));
      case "process_connect" -> event.setKind(Kind.CONNECT).setConnect(connection(body, true));
      case "process_accept" -> event.setKind(Kind.ACCEPT).setAccept(connection(body, false));
      case "process_listen" -> event.setKind(Kind.LISTEN).setListen(listening(body));
      case "process_close" -> event.setKind(Kind.DISCONNECT).setDisconnect(connection(body, true));
      case "process_kprobe" -> probe(body, event);
      default -> {
        // Of no kind of ours.
      }
    }
    if (event.getKind() == Kind.KIND_UNSPECIFIED) {
      out.ignore();
    } else {
      out.add(node, time, event.setProcess(process));
    }
  }

  private static void probe(JsonNode body, Event.Builder event) {
    String function = text(body, "function_name");
    String path = "";
    JsonNode socket = null;
    for (JsonNode argument : body.path("args")) {
      JsonNode file =
          argument.has("file_arg") ? argument.get("file_arg") : argument.path("path_arg");
      if (path.isEmpty() && file.has("path")) {
        path = text(file, "path");
      }
      if (path.isEmpty() && function.contains("open")) {
        path = text(argument, "string_arg");
      }
      if (argument.has("sock_arg") || argument.has("sockaddr_arg")) {
        socket = argument.path(argument.has("sock_arg") ? "sock_arg" : "sockaddr_arg");
      }
    }
    boolean failed = body.path("return").path("int_arg").asInt() < 0;
    event.setResult(failed ? body.path("return").path("int_arg").asInt() : 0);
    if (socket != null && function.contains("connect")) {
      event
          .setKind(Kind.CONNECT)
          .setConnect(
              endpoint(
                  text(socket, "protocol"),
                  text(socket, "saddr"),
                  (int) number(socket, "sport"),
                  text(socket, "daddr", "addr"),
                  (int) number(socket, "dport", "port")));
    } else if (!path.isEmpty()) {
      boolean write = function.contains("write");
      event
          .setKind(Kind.OPEN)
          .setOpen(
              FileOperation.newBuilder()
                  .setPath(path.startsWith("/") ? path : "/" + path)
                  .setWrite(write)
                  .setCreate(false));
    }
  }

  private static Process.Builder process(JsonNode body) {
    JsonNode self = body.get("process");
    String binary = text(self, "binary");
    Process.Builder process =
        Process.newBuilder()
            .setPid((int) number(self, "pid"))
            .setId(SigmaRecord.id(text(self, "exec_id"), (int) number(self, "pid")))
            .setExe(binary)
            .setPath(binary)
            .setComm(JsonValues.comm(binary))
            .addAllArgs(arguments(self))
            .setCwd(text(self, "cwd"))
            .setUid((int) number(self, "uid"))
            .setEuid((int) number(self, "uid"));
    if (self.has("pod") || !text(self, "docker").isEmpty()) {
      process.setContainer(container(self));
    }
    JsonNode parent = body.path("parent");
    String parentId = text(self, "parent_exec_id");
    if (parent.isObject() || !parentId.isEmpty()) {
      Ancestor.Builder ancestor =
          Ancestor.newBuilder()
              .setId(
                  SigmaRecord.id(
                      parentId.isEmpty() ? text(parent, "exec_id") : parentId,
                      (int) number(parent, "pid")))
              .setPid((int) number(parent, "pid"))
              .setExe(text(parent, "binary"))
              .setUid((int) number(parent, "uid"));
      if (parent.has("binary")) {
        ancestor.setCommandLine(String.join(" ", arguments(parent)));
      }
      process.addAncestors(ancestor);
    }
    return process;
  }

  private static List<String> arguments(JsonNode process) {
    List<String> arguments = new ArrayList<>();
    arguments.add(text(process, "binary"));
    arguments.addAll(JsonValues.words(text(process, "arguments")));
    return arguments;
  }

  private static Container container(JsonNode process) {
    JsonNode pod = process.path("pod");
    String id = text(pod.path("container"), "id");
    int scheme = id.indexOf("://");
    String bare = scheme < 0 ? id : id.substring(scheme + 3);
    if (bare.isEmpty()) {
      bare = text(process, "docker");
    }
    return Container.newBuilder()
        .setId(bare.substring(0, Math.min(ID_CHARACTERS, bare.length())))
        .setName(text(pod.path("container"), "name"))
        .setImage(text(pod.path("container").path("image"), "name"))
        .setPod(text(pod, "name"))
        .setNamespace(text(pod, "namespace"))
        .setRuntime(scheme < 0 ? "" : id.substring(0, scheme))
        .build();
  }

  private static Connection connection(JsonNode body, boolean initiated) {
    String source = text(body, "source_ip");
    String destination = text(body, "destination_ip");
    int sourcePort = (int) number(body, "source_port");
    int destinationPort = (int) number(body, "destination_port");
    String protocol = text(body, "protocol");
    return initiated
        ? endpoint(protocol, source, sourcePort, destination, destinationPort)
        : endpoint(protocol, destination, destinationPort, source, sourcePort);
  }

  private static Connection listening(JsonNode body) {
    return endpoint(text(body, "protocol"), text(body, "ip"), (int) number(body, "port"), "", 0);
  }

  private static Connection endpoint(
      String protocol, String local, int localPort, String remote, int remotePort) {
    String name = protocol.toLowerCase(java.util.Locale.ROOT).replace("ipproto_", "");
    return Connection.newBuilder()
        .setFamily(
            (local + remote).indexOf(':') >= 0 ? Connection.Family.INET6 : Connection.Family.INET)
        .setProtocol(name.isEmpty() ? "tcp" : name)
        .setLocalAddress(local)
        .setLocalPort(localPort)
        .setRemoteAddress(remote)
        .setRemotePort(remotePort)
        .build();
  }
}
