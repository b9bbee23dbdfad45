package dev.interdict.jobs.recorded;

import static dev.interdict.jobs.recorded.JsonValues.has;
import static dev.interdict.jobs.recorded.JsonValues.number;
import static dev.interdict.jobs.recorded.JsonValues.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.Arrays;
import java.util.List;

/**
 * A record whose fields bear the names that Sigma's logsources give them. Which logsource it is of
 * is told by {@code event}, by Sysmon's {@code EventID}, by auditd's {@code type}, or by the fields
 * that are there.
 */
final class SigmaRecord implements JsonRecords.Reading {
  private static final String[] TIMES = {
    "ts", "UtcTime", "SystemTime", "TimeCreated", "@timestamp", "timestamp", "time", "EventTime"
  };
  private static final String[] HOSTS = {"Computer", "ComputerName", "Hostname", "host", "node"};

  private final ProcessTable processes = new ProcessTable();
  private final AuditdRecords audit = new AuditdRecords();

  @Override
  public void read(JsonNode record, Emitter out) {
    JsonNode seq = record.get("seq");
    if (seq != null && !seq.isNull()) {
      out.seq(number(record, "seq"));
    }
    String host = text(record, HOSTS);
    if (record.hasNonNull("gap")) {
      out.addGap(host, JsonValues.time(record, TIMES), record.path("gap").path("count").asLong());
      return;
    }
    Kind kind = kind(record);
    if (kind == Kind.AUDIT) {
      audit.single(record, host, JsonValues.time(record, TIMES), out);
    } else if (kind == Kind.KIND_UNSPECIFIED) {
      out.ignore();
    } else {
      event(kind, record, host, out);
    }
  }

  /** AUDIT stands for a record of the audit daemon; unspecified for what no logsource has. */
  private static Kind kind(JsonNode record) {
    if (record.hasNonNull("event") && record.get("event").isTextual()) {
      return named(record.get("event").textValue());
    }
    if (AuditdRecords.knows(text(record, "type")) || record.hasNonNull("SYSCALL")) {
      return Kind.AUDIT;
    }
    if (record.hasNonNull("EventID")) {
      return sysmon((int) number(record, "EventID"));
    }
    if (has(record, "QueryName", "query")) {
      return Kind.DNS;
    }
    if (has(record, "DestinationIp", "DestinationPort", "DestinationHostname")) {
      return "false".equals(text(record, "Initiated")) ? Kind.ACCEPT : Kind.CONNECT;
    }
    if (has(record, "TargetFilename")) {
      return Kind.OPEN;
    }
    return has(record, "Image", "CommandLine", "ParentImage", "ParentCommandLine")
        ? Kind.EXEC
        : Kind.KIND_UNSPECIFIED;
  }

  private static Kind named(String event) {
    return switch (event) {
      case "process_exec", "process_creation" -> Kind.EXEC;
      case "process_exit", "process_termination" -> Kind.EXIT;
      case "file_open", "file_event", "file_create" -> Kind.OPEN;
      case "file_delete" -> Kind.UNLINK;
      case "network_connect", "network_connection" -> Kind.CONNECT;
      case "network_accept" -> Kind.ACCEPT;
      case "dns_query", "dns" -> Kind.DNS;
      default -> Kind.KIND_UNSPECIFIED;
    };
  }

  private static Kind sysmon(int event) {
    return switch (event) {
      case 1 -> Kind.EXEC;
      case 3 -> Kind.CONNECT;
      case 5 -> Kind.EXIT;
      case 11 -> Kind.OPEN;
      case 22 -> Kind.DNS;
      case 23, 26 -> Kind.UNLINK;
      default -> Kind.KIND_UNSPECIFIED;
    };
  }

  private void event(Kind kind, JsonNode record, String host, Emitter out) {
    Process.Builder process = process(record);
    processes.complete(host, process);
    Event.Builder event = Event.newBuilder().setKind(kind).setResult(result(record));
    switch (kind) {
      case EXEC -> {
        event.setExec(Exec.getDefaultInstance());
        if (event.getResult() == 0) {
          processes.put(host, process);
        }
      }
      case EXIT -> event.setExit(Exit.getDefaultInstance());
      case OPEN -> event.setOpen(open(record));
      case UNLINK -> event.setUnlink(file(record));
      case DNS -> event.setDns(question(record));
      case ACCEPT -> event.setAccept(connection(record, false));
      default -> {
        boolean initiated = !"false".equals(text(record, "Initiated"));
        if (initiated) {
          event.setConnect(connection(record, true));
        } else {
          event.setKind(Kind.ACCEPT).setAccept(connection(record, false));
        }
      }
    }
    out.add(host, JsonValues.time(record, TIMES), event.setProcess(process));
  }

  private static int result(JsonNode record) {
    JsonNode errno = record.get("errno");
    if (errno == null || errno.isNull()) {
      return 0;
    }
    return errno.isIntegralNumber() ? -Math.abs(errno.intValue()) : -1;
  }

  private static Process.Builder process(JsonNode record) {
    int pid = (int) number(record, "pid", "ProcessId");
    String exe = text(record, "Image");
    String path = text(record, "path", "InvokedImage");
    String commandLine = text(record, "CommandLine");
    List<String> arguments =
        record.path("argv").isArray()
            ? JsonValues.texts(record.get("argv"))
            : commandLine.isEmpty() ? List.of() : Arrays.asList(commandLine.split(" ", -1));
    Process.Builder process =
        Process.newBuilder()
            .setPid(pid)
            .setId(id(text(record, "ProcessGuid"), pid))
            .setExe(exe)
            .setPath(path.isEmpty() ? exe : path)
            .setComm(JsonValues.comm(path.isEmpty() ? exe : path))
            .addAllArgs(arguments)
            .setCwd(text(record, "CurrentDirectory"))
            .setUser(text(record, "User"))
            .setUid((int) number(record, "uid"))
            .setEuid((int) number(record, has(record, "euid") ? "euid" : "uid"))
            .setGid((int) number(record, "gid"));
    int parentPid = (int) number(record, "ppid", "ParentProcessId");
    Ancestor parent =
        Ancestor.newBuilder()
            .setPid(parentPid)
            .setId(id(text(record, "ParentProcessGuid"), parentPid))
            .setExe(text(record, "ParentImage"))
            .setCommandLine(text(record, "ParentCommandLine"))
            .build();
    if (!parent.equals(Ancestor.getDefaultInstance())) {
      process.addAncestors(parent);
    }
    return process;
  }

  /** Of a recording that does not tell two processes with one pid apart, the pid. */
  static long id(String unique, int pid) {
    if (unique.isEmpty() || unique.startsWith("{00000000-0000-0000-0000-000000000000")) {
      return pid;
    }
    long hash = 1125899906842597L;
    for (int i = 0; i < unique.length(); i++) {
      hash = 31 * hash + unique.charAt(i);
    }
    return hash == 0 ? 1 : hash;
  }

  /** A record of file_event says that a file was made, unless it says otherwise. */
  private static FileOperation.Builder open(JsonNode record) {
    boolean create = !record.has("create") || record.get("create").asBoolean();
    return file(record)
        .setCreate(create)
        .setWrite(record.has("write") ? record.get("write").asBoolean() : create);
  }

  private static FileOperation.Builder file(JsonNode record) {
    return FileOperation.newBuilder().setPath(text(record, "TargetFilename"));
  }

  private static Connection.Builder question(JsonNode record) {
    return connection(record, true)
        .setProtocol("udp")
        .setQuestion(text(record, "QueryName", "query"))
        .setQuestionType(text(record, "QueryType", "record_type"));
  }

  private static Connection.Builder connection(JsonNode record, boolean initiated) {
    String source = text(record, "SourceIp", "src_ip");
    String destination = text(record, "DestinationIp", "dst_ip");
    int sourcePort = (int) number(record, "SourcePort", "src_port");
    int destinationPort = (int) number(record, "DestinationPort", "dst_port");
    String protocol = text(record, "Protocol");
    boolean six = (source + destination).indexOf(':') >= 0;
    return Connection.newBuilder()
        .setFamily(six ? Connection.Family.INET6 : Connection.Family.INET)
        .setProtocol(protocol.isEmpty() ? "tcp" : protocol)
        .setLocalAddress(initiated ? source : destination)
        .setLocalPort(initiated ? sourcePort : destinationPort)
        .setRemoteAddress(initiated ? destination : source)
        .setRemotePort(initiated ? destinationPort : sourcePort);
  }
}
