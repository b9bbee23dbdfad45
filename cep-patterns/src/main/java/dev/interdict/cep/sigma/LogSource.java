package dev.interdict.cep.sigma;

import dev.interdict.cep.index.Slot;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.util.List;
import java.util.Map;

/** Which records a rule speaks about, and how our events stand for them. */
public final class LogSource {
  private static final String NO_NAMES = "connections carry addresses: no host names";
  private static final String NO_ANSWERS = "questions are seen, answers are not";

  private final String name;
  private final List<RecordType> types;

  private LogSource(String name, RecordType... types) {
    this.name = name;
    this.types = List.of(types);
  }

  String name() {
    return name;
  }

  List<RecordType> types() {
    return types;
  }

  private static final LogSource PROCESS_CREATION =
      new LogSource("process_creation", process(Kind.EXEC).succeeded().build());

  private static final LogSource PROCESS_TERMINATION =
      new LogSource("process_termination", process(Kind.EXIT).build());

  private static final LogSource FILE_EVENT =
      new LogSource(
          "file_event",
          process(Kind.OPEN)
              .field("TargetFilename", Field.FILE_PATH)
              .succeeded()
              .only(Field.FILE_CREATE)
              .build());

  private static final LogSource FILE_ACCESS =
      new LogSource(
          "file_access",
          process(Kind.OPEN).field("TargetFilename", Field.FILE_PATH).succeeded().build());

  private static final LogSource NETWORK_CONNECTION =
      new LogSource(
          "network_connection",
          process(Kind.CONNECT)
              .field("DestinationIp", Field.CONNECTION_REMOTE_ADDRESS)
              .field("DestinationPort", Field.CONNECTION_REMOTE_PORT)
              .field("SourceIp", Field.CONNECTION_LOCAL_ADDRESS)
              .field("SourcePort", Field.CONNECTION_LOCAL_PORT)
              .field("Protocol", Field.CONNECTION_PROTOCOL)
              .constant("Initiated", "true")
              .absent("DestinationHostname", NO_NAMES)
              .absent("SourceHostname", NO_NAMES)
              .build(),
          process(Kind.ACCEPT)
              .field("DestinationIp", Field.CONNECTION_LOCAL_ADDRESS)
              .field("DestinationPort", Field.CONNECTION_LOCAL_PORT)
              .field("SourceIp", Field.CONNECTION_REMOTE_ADDRESS)
              .field("SourcePort", Field.CONNECTION_REMOTE_PORT)
              .field("Protocol", Field.CONNECTION_PROTOCOL)
              .constant("Initiated", "false")
              .absent("DestinationHostname", NO_NAMES)
              .absent("SourceHostname", NO_NAMES)
              .build());

  private static final LogSource DNS_QUERY =
      new LogSource(
          "dns_query",
          process(Kind.DNS)
              .field("QueryName", Field.CONNECTION_QUESTION)
              .field("QueryType", Field.CONNECTION_QUESTION_TYPE)
              .absent("QueryResults", NO_ANSWERS)
              .absent("QueryStatus", NO_ANSWERS)
              .build());

  private static final LogSource DNS =
      new LogSource(
          "dns",
          process(Kind.DNS)
              .field("query", Field.CONNECTION_QUESTION)
              .field("record_type", Field.CONNECTION_QUESTION_TYPE)
              .field("src_ip", Field.CONNECTION_LOCAL_ADDRESS)
              .field("dst_ip", Field.CONNECTION_REMOTE_ADDRESS)
              .absent("answer", NO_ANSWERS)
              .build());

  /**
   * The audit records that an event would have caused. One event stands for several records; each
   * is judged by itself, as in a log.
   */
  private static final LogSource AUDITD =
      new LogSource(
          "auditd",
          RecordType.of(Kind.EXEC)
              .constant("type", "EXECVE")
              .others(LogSource::argument)
              .succeeded()
              .build(),
          RecordType.of(Kind.EXEC)
              .constant("type", "SYSCALL")
              .constant("SYSCALL", "execve")
              .constant("success", "yes")
              .field("exe", Field.PROCESS_EXE)
              .field("comm", Field.PROCESS_COMM)
              .field("pid", Field.PROCESS_PID)
              .field("ppid", Field.PARENT_PID)
              .field("uid", Field.PROCESS_UID)
              .field("gid", Field.PROCESS_GID)
              .field("euid", Field.PROCESS_EUID)
              .field("tty", Field.PROCESS_TTY)
              .absent("key", "audit keys are a matter of the audit daemon's own rules")
              .succeeded()
              .build(),
          RecordType.of(Kind.OPEN)
              .constant("type", "PATH")
              .field("name", Field.FILE_PATH)
              .field("inode", Field.FILE_INODE)
              .choice("nametype", Field.FILE_CREATE, "CREATE", "NORMAL")
              .succeeded()
              .build());

  private static final Map<String, LogSource> BY_CATEGORY =
      Map.of(
          "process_creation", PROCESS_CREATION,
          "process_termination", PROCESS_TERMINATION,
          "file_event", FILE_EVENT,
          "file_access", FILE_ACCESS,
          "network_connection", NETWORK_CONNECTION,
          "dns_query", DNS_QUERY,
          "dns", DNS);

  private static RecordType.Builder process(Kind kind) {
    return RecordType.of(kind)
        .field("Image", Field.PROCESS_EXE)
        .field("InvokedImage", Field.PROCESS_PATH)
        .field("CommandLine", Field.PROCESS_COMMAND_LINE)
        .field("CurrentDirectory", Field.PROCESS_CWD)
        .field("User", Field.PROCESS_USER)
        .field("ProcessId", Field.PROCESS_PID)
        .field("ParentProcessId", Field.PARENT_PID)
        .field("ParentImage", Field.PARENT_EXE)
        .field("ParentCommandLine", Field.PARENT_COMMAND_LINE);
  }

  /** a0, a1, ... of an EXECVE record. */
  private static Source argument(String field) {
    if (field.length() >= 2 && field.length() <= 4 && field.charAt(0) == 'a') {
      try {
        int index = Integer.parseInt(field, 1, field.length(), 10);
        return new Source.InEvent(new Slot(Field.PROCESS_ARGS, index));
      } catch (NumberFormatException e) {
        return new Source.Absent("an EXECVE record has arguments only");
      }
    }
    return new Source.Absent("an EXECVE record has arguments only");
  }

  /**
   * @throws RefusedException where no event stands for such records
   * @throws RuleSyntaxException where a logsource of our own is misspelt
   */
  static LogSource of(Yaml logsource) {
    String product = logsource.textOf("product");
    String category = logsource.textOf("category");
    String service = logsource.textOf("service");
    if (product.equals("interdict")) {
      return own(logsource, category, service);
    }
    if (!product.isEmpty() && !product.equals("linux")) {
      throw new RefusedException("product " + product + ": events come from Linux only");
    }
    if (!category.isEmpty()) {
      LogSource known = BY_CATEGORY.get(category);
      if (known == null) {
        throw new RefusedException("no telemetry for category " + category);
      }
      return known;
    }
    if (service.equals("auditd")) {
      return AUDITD;
    }
    throw new RefusedException(
        service.isEmpty()
            ? "logsource without category or service: needs log text"
            : "service " + service + ": needs log text");
  }

  private static LogSource own(Yaml logsource, String category, String service) {
    if (service.isEmpty() || !category.isEmpty()) {
      throw logsource.problem(
          "product interdict needs service: the kind of event, and no category");
    }
    Kind kind;
    try {
      kind = Kinds.parse(service);
    } catch (IllegalArgumentException e) {
      throw logsource.get("service").problem("unknown kind of event " + service);
    }
    return new LogSource(service, RecordType.of(kind).others(LogSource::field).build());
  }

  /** Null for a name that is no field: a mistake, as our own fields are all known. */
  private static Source field(String name) {
    Field field = Field.byName(name);
    return field == null ? null : new Source.InEvent(new Slot(field));
  }
}
