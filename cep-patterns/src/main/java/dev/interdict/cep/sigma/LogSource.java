package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.index.Slot;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which records a rule speaks about, and how our events stand for them. */
public final class LogSource {
  private static final String NO_NAMES = "connections carry addresses: no host names";
  private static final String NO_ANSWERS = "questions are seen, answers are not";

  /** Our own fields, whatever the kind; it says nothing about the kind. */
  static final RecordType ANY =
      RecordType.of(Kind.KIND_UNSPECIFIED).others(LogSource::field).build();

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

  /**
   * Where a Sigma field stands in events of the kinds.
   *
   * @throws RefusedException where it is several fields of one kind
   */
  void addFields(String field, Set<Kind> kinds, About about, Map<Kind, Field> fields) {
    for (RecordType type : types) {
      if (kinds.contains(type.kind())
          && type.source(field) instanceof Source.InEvent in
          && in.slot().element() == Slot.ANY) {
        Part.put(type.kind(), in.slot().field(), field, about, fields);
      }
    }
  }

  private static final LogSource PROCESS_CREATION =
      new LogSource("process_creation", process(Kind.EXEC).succeeded().build());

  private static final LogSource PROCESS_TERMINATION =
      new LogSource("process_termination", process(Kind.EXIT).build());

  /** Whatever makes a file appear under a name. */
  private static final LogSource FILE_EVENT =
      new LogSource(
          "file_event",
          file(Kind.OPEN, Field.FILE_PATH).only(Field.FILE_CREATE).build(),
          file(Kind.RENAME, Field.FILE_TARGET).field("SourceFilename", Field.FILE_PATH).build(),
          file(Kind.LINK, Field.FILE_TARGET).unless(Field.FILE_SYMBOLIC).build(),
          file(Kind.LINK, Field.FILE_PATH).only(Field.FILE_SYMBOLIC).build(),
          file(Kind.MKNOD, Field.FILE_PATH).build());

  private static final LogSource FILE_ACCESS =
      new LogSource("file_access", file(Kind.OPEN, Field.FILE_PATH).build());

  private static final LogSource FILE_RENAME =
      new LogSource(
          "file_rename",
          file(Kind.RENAME, Field.FILE_TARGET).field("SourceFilename", Field.FILE_PATH).build());

  private static final LogSource FILE_DELETE =
      new LogSource("file_delete", file(Kind.UNLINK, Field.FILE_PATH).build());

  private static final LogSource FILE_CHANGE =
      new LogSource(
          "file_change",
          file(Kind.OPEN, Field.FILE_PATH).only(Field.FILE_WRITE).build(),
          file(Kind.TRUNCATE, Field.FILE_PATH).build(),
          file(Kind.CHMOD, Field.FILE_PATH).build(),
          file(Kind.CHOWN, Field.FILE_PATH).build());

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
              .text(Field.PROCESS_ARGS)
              .others(LogSource::argument)
              .succeeded()
              .build(),
          call(Kind.EXEC, "execve"),
          call(Kind.RENAME, "rename"),
          call(Kind.UNLINK, "unlink"),
          call(Kind.TRUNCATE, "truncate"),
          call(Kind.LINK, "link"),
          call(Kind.CHMOD, "chmod"),
          call(Kind.CHOWN, "chown"),
          call(Kind.MKNOD, "mknod"),
          call(Kind.SETUID, Field.CREDENTIALS_CALL),
          call(Kind.CAPSET, "capset"),
          call(Kind.SETNS, "setns"),
          call(Kind.UNSHARE, "unshare"),
          call(Kind.MOUNT, "mount"),
          call(Kind.CHROOT, Field.MOUNT_OPERATION),
          call(Kind.PTRACE, "ptrace"),
          call(Kind.VMWRITE, "process_vm_writev"),
          call(Kind.MEMFD, Field.MEMORY_OPERATION),
          call(Kind.MPROTECT, Field.MEMORY_OPERATION),
          call(Kind.USERFAULTFD, "userfaultfd"),
          call(Kind.MODULE, Field.CODE_OPERATION),
          call(Kind.BPF, "bpf"),
          call(Kind.KEXEC, Field.CODE_OPERATION),
          call(Kind.SIGNAL, "kill"),
          path(Kind.OPEN, Field.FILE_PATH)
              .choice("nametype", Field.FILE_CREATE, "CREATE", "NORMAL")
              .build(),
          path(Kind.RENAME, Field.FILE_PATH).constant("nametype", "DELETE").build(),
          path(Kind.RENAME, Field.FILE_TARGET).constant("nametype", "CREATE").build(),
          path(Kind.UNLINK, Field.FILE_PATH).constant("nametype", "DELETE").build(),
          path(Kind.LINK, Field.FILE_TARGET)
              .unless(Field.FILE_SYMBOLIC)
              .constant("nametype", "CREATE")
              .build(),
          path(Kind.LINK, Field.FILE_PATH)
              .choice("nametype", Field.FILE_SYMBOLIC, "CREATE", "NORMAL")
              .build(),
          path(Kind.MKNOD, Field.FILE_PATH).constant("nametype", "CREATE").build(),
          path(Kind.TRUNCATE, Field.FILE_PATH).constant("nametype", "NORMAL").build(),
          path(Kind.CHMOD, Field.FILE_PATH).constant("nametype", "NORMAL").build(),
          path(Kind.CHOWN, Field.FILE_PATH).constant("nametype", "NORMAL").build());

  /** Fields by their names in the API server's own records, and those that rules have made up. */
  private static final LogSource KUBERNETES_AUDIT =
      new LogSource(
          "kubernetes audit",
          RecordType.of(Kind.AUDIT)
              .field("auditID", Field.AUDIT_ID)
              .field("verb", Field.AUDIT_VERB)
              .field("user.username", Field.AUDIT_USER)
              .field("user.groups", Field.AUDIT_GROUPS)
              .field("impersonatedUser.username", Field.AUDIT_IMPERSONATED)
              .field("sourceIPs", Field.AUDIT_SOURCE_ADDRESS)
              .field("userAgent", Field.AUDIT_USER_AGENT)
              .field("objectRef.resource", Field.AUDIT_RESOURCE)
              .field("objectRef.subresource", Field.AUDIT_SUBRESOURCE)
              .field("objectRef.namespace", Field.AUDIT_NAMESPACE)
              .field("objectRef.name", Field.AUDIT_NAME)
              .field("objectRef.apiGroup", Field.AUDIT_API_GROUP)
              .field("apiGroup", Field.AUDIT_API_GROUP)
              .field("responseStatus.code", Field.AUDIT_STATUS)
              .field("annotations.authorization.k8s.io/decision", Field.AUDIT_DECISION)
              .field("hostPath", Field.AUDIT_HOST_PATHS)
              .field("capabilities", Field.AUDIT_CAPABILITIES)
              .build());

  private static final Map<String, LogSource> BY_CATEGORY =
      Map.ofEntries(
          Map.entry("process_creation", PROCESS_CREATION),
          Map.entry("process_termination", PROCESS_TERMINATION),
          Map.entry("file_event", FILE_EVENT),
          Map.entry("file_access", FILE_ACCESS),
          Map.entry("file_rename", FILE_RENAME),
          Map.entry("file_delete", FILE_DELETE),
          Map.entry("file_change", FILE_CHANGE),
          Map.entry("network_connection", NETWORK_CONNECTION),
          Map.entry("dns_query", DNS_QUERY),
          Map.entry("dns", DNS));

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
        .field("ParentCommandLine", Field.PARENT_COMMAND_LINE)
        .field("AncestorImage", Field.ANCESTOR_EXES)
        .field("AncestorCommandLine", Field.ANCESTOR_COMMAND_LINES);
  }

  private static RecordType.Builder file(Kind kind, Field target) {
    return process(kind).field("TargetFilename", target).succeeded();
  }

  /** A PATH record; the name of its object is in {@code name}. */
  private static RecordType.Builder path(Kind kind, Field name) {
    return RecordType.of(kind)
        .constant("type", "PATH")
        .field("name", name)
        .field("inode", Field.FILE_INODE)
        .succeeded();
  }

  /** A SYSCALL record; of a family of calls the event does not tell which it was. */
  private static RecordType call(Kind kind, String name) {
    return call(RecordType.of(kind).constant("SYSCALL", name));
  }

  /** One whose event does. */
  private static RecordType call(Kind kind, Field name) {
    return call(RecordType.of(kind).field("SYSCALL", name));
  }

  private static RecordType call(RecordType.Builder record) {
    return record
        .constant("type", "SYSCALL")
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
        .build();
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
    if (product.equals("kubernetes") && service.equals("audit")) {
      return KUBERNETES_AUDIT;
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
