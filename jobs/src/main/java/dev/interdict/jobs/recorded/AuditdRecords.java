package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records of the audit daemon. Those of one serial number describe one system call: they are held
 * back until it ends or others have come since, as records of several calls may be mixed.
 */
final class AuditdRecords {
  private static final Pattern HEADER =
      Pattern.compile(
          "(?:node=(\\S+) )?type=(\\S+) (?:msg=)?audit\\((\\d+\\.\\d+):(\\d+)\\):?\\s*(.*)",
          Pattern.DOTALL);
  private static final Set<String> CALL_PARTS =
      Set.of("SYSCALL", "EXECVE", "CWD", "PATH", "SOCKADDR", "PROCTITLE", "EOE");
  private static final int MAX_OPEN = 64;
  private static final int MAX_PATHS = 256;

  private final Map<String, AuditedCall> open = new LinkedHashMap<>();
  private final ProcessTable processes = new ProcessTable();

  static boolean knows(String type) {
    return CALL_PARTS.contains(type) || type.startsWith("AUOMS_");
  }

  void line(String text, String host, Emitter out) {
    Matcher header = HEADER.matcher(text);
    int start = text.indexOf("type=");
    int node = text.indexOf("node=");
    header.region(node >= 0 && node < start ? node : Math.max(0, start), text.length());
    if (start < 0) {
      throw new IllegalArgumentException(
          "expected type=… msg=audit(TIME:SERIAL): …, found "
              + text.substring(0, Math.min(80, text.length())));
    }
    if (!header.matches()) {
      out.ignore(); // the daemon writes msg=? where it did not understand the kernel
      return;
    }
    String type = header.group(2);
    if (!knows(type)) {
      out.ignore();
      return;
    }
    String named = header.group(1) == null ? host : header.group(1);
    long time = new BigDecimal(header.group(3)).movePointRight(9).longValue();
    Map<String, String> fields = AuditText.fields(header.group(5));
    if (type.startsWith("AUOMS_")) {
      AuditedCall call = new AuditedCall(named, time, out.line());
      call.addWhole(fields);
      call.emit(processes, out);
      return;
    }
    String key = named + "\n" + header.group(3) + ":" + header.group(4);
    AuditedCall call =
        open.computeIfAbsent(key, absent -> new AuditedCall(named, time, out.line()));
    if (type.equals("EOE") || call.paths() > MAX_PATHS) {
      open.remove(key);
      flush(call, out);
    } else {
      call.add(type, fields);
    }
    if (open.size() > MAX_OPEN) {
      String oldest = open.keySet().iterator().next();
      flush(open.remove(oldest), out);
    }
  }

  private void flush(AuditedCall call, Emitter out) {
    long line = out.line();
    out.back(call.line());
    call.emit(processes, out);
    out.back(line);
  }

  void end(Emitter out) {
    open.values().forEach(call -> flush(call, out));
    open.clear();
  }

  /** A record that stands for itself, its fields by their names. */
  void single(JsonNode record, String host, long time, Emitter out) {
    Map<String, String> fields = new LinkedHashMap<>();
    record
        .fields()
        .forEachRemaining(
            field -> {
              if (field.getValue().isValueNode() && !field.getValue().isNull()) {
                fields.put(field.getKey(), field.getValue().asText());
              }
            });
    AuditedCall call = new AuditedCall(host, time, out.line());
    call.add(fields.getOrDefault("type", "SYSCALL"), fields);
    call.emit(processes, out);
  }
}
