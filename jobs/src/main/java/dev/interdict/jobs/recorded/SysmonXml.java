package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An event of Sysmon for Linux, as syslog carries it: one element on one line. */
final class SysmonXml {
  private static final Pattern DATA =
      Pattern.compile("<Data Name=[\"'](\\w+)[\"']\\s*(?:/>|>([^<]*)</Data>)");
  private static final Pattern EVENT_ID = Pattern.compile("<EventID[^>]*>(\\d+)</EventID>");
  private static final Pattern COMPUTER = Pattern.compile("<Computer>([^<]*)</Computer>");
  private static final Pattern CREATED = Pattern.compile("SystemTime=[\"']([^\"']+)[\"']");

  private SysmonXml() {}

  static boolean isIn(String text) {
    return text.contains("<Event>") || text.contains("<Event ");
  }

  /** As a record with Sigma's field names, which are Sysmon's. */
  static ObjectNode record(String xml) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    Matcher id = EVENT_ID.matcher(xml);
    if (!id.find()) {
      throw new IllegalArgumentException("a Sysmon event without EventID");
    }
    record.put("EventID", Integer.parseInt(id.group(1)));
    put(record, "Computer", COMPUTER.matcher(xml));
    put(record, "SystemTime", CREATED.matcher(xml));
    Matcher data = DATA.matcher(xml);
    while (data.find()) {
      String value = data.group(2) == null ? "" : unescape(data.group(2));
      if (!value.isEmpty() && !value.equals("-")) {
        record.put(data.group(1), value);
      }
    }
    // The time of writing and that of the event are the same but for its precision.
    if (record.has("SystemTime")) {
      record.remove("UtcTime");
    }
    return record;
  }

  private static void put(ObjectNode record, String name, Matcher found) {
    if (found.find()) {
      record.put(name, unescape(found.group(1)));
    }
  }

  private static String unescape(String text) {
    return text.indexOf('&') < 0
        ? text
        : text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&#39;", "'")
            .replace("&#10;", "\n")
            .replace("&#xA;", "\n")
            .replace("&amp;", "&");
  }
}
