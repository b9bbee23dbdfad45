package dev.interdict.agent.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interdict.agent.application.Secrets;
import dev.interdict.agent.enrich.JsonTree;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The audit events of one list that tell what an attacker may do, encoded. What clusters do by the
 * thousand, reading and renewing, is left out, unless it was refused, anonymous, done in another's
 * name, or reads secrets.
 */
final class AuditEvents {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int TEXT_LIMIT = 4096;
  private static final Set<String> WRITES =
      Set.of("create", "update", "patch", "delete", "deletecollection", "approve", "escalate");
  private static final Set<String> INTO_PODS =
      Set.of("exec", "attach", "portforward", "proxy", "ephemeralcontainers");
  private static final Set<String> RENEWED =
      Set.of(
          "leases",
          "events",
          "endpoints",
          "endpointslices",
          "tokenreviews",
          "subjectaccessreviews");
  private static final Set<String> HEALTH =
      Set.of("/healthz", "/livez", "/readyz", "/version", "/favicon.ico");

  /** One that is kept; {@code key} is the same when it is sent again. */
  record Kept(String key, byte[] encoded) {}

  private final List<Kept> kept = new ArrayList<>();
  private final Secrets secrets = new Secrets();
  private int seen;

  private AuditEvents() {}

  /**
   * @throws IOException if it is no list of audit events, with what is wrong
   */
  static AuditEvents parse(byte[] body, int length) throws IOException {
    AuditEvents events = new AuditEvents();
    String kind = null;
    String version = null;
    try (JsonParser json = JSON.createParser(body, 0, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("items") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            events.take(JsonTree.object(JsonTree.read(json)));
          }
        } else if (name.equals("kind")) {
          kind = json.getText();
        } else if (name.equals("apiVersion")) {
          version = json.getText();
        } else {
          json.skipChildren();
        }
      }
    }
    if (!"EventList".equals(kind) || !"audit.k8s.io/v1".equals(version)) {
      throw new IOException(
          "invalid kind="
              + kind
              + " apiVersion="
              + version
              + " expected audit.k8s.io/v1 EventList");
    }
    return events;
  }

  int seen() {
    return seen;
  }

  List<Kept> kept() {
    return kept;
  }

  private void take(Map<String, Object> event) {
    seen++;
    Map<String, Object> object = JsonTree.object(event, "objectRef");
    String id = JsonTree.text(event, "auditID");
    String stage = JsonTree.text(event, "stage");
    if (id == null || stage == null || !isKept(event, object, stage)) {
      return;
    }
    kept.add(new Kept(id + ' ' + stage, encode(event, object, id)));
  }

  /** Calls that last are told when they begin, others when they have ended. */
  private static boolean isKept(
      Map<String, Object> event, Map<String, Object> object, String stage) {
    String subresource = text(object, "subresource");
    boolean intoPod = INTO_PODS.contains(subresource);
    boolean ended = stage.equals("ResponseComplete") || stage.equals("Panic");
    if (!ended && !(intoPod && stage.equals("RequestReceived"))) {
      return false;
    }
    String verb = text(event, "verb");
    String resource = text(object, "resource");
    if (intoPod || resource.equals("secrets") || isOutOfOrder(event)) {
      return true;
    }
    boolean renewed = RENEWED.contains(resource) && !verb.startsWith("delete");
    return WRITES.contains(verb) && !renewed && !subresource.equals("status");
  }

  private static boolean isOutOfOrder(Map<String, Object> event) {
    long status = status(event);
    Map<String, Object> user = JsonTree.object(event, "user");
    boolean anonymous =
        text(user, "username").equals("system:anonymous")
            || JsonTree.list(user, "groups").contains("system:unauthenticated");
    String uri = text(event, "requestURI");
    boolean health = HEALTH.contains(uri.contains("?") ? uri.substring(0, uri.indexOf('?')) : uri);
    return status == 401
        || status == 403
        || anonymous && !health
        || !JsonTree.object(event, "impersonatedUser").isEmpty();
  }

  private static String text(Map<String, Object> object, String name) {
    String text = JsonTree.text(object, name);
    return text == null ? "" : text;
  }

  private static long status(Map<String, Object> event) {
    return JsonTree.object(event, "responseStatus").get("code") instanceof Long code ? code : 0;
  }

  /** The event after its time and kind. */
  private byte[] encode(Map<String, Object> event, Map<String, Object> object, String id) {
    ProtoBuffer out = new ProtoBuffer(1024, 128 << 10);
    int message = out.begin(EventDetail.numberOf(Kind.AUDIT_VALUE));
    Map<String, Object> user = JsonTree.object(event, "user");
    List<?> addresses = JsonTree.list(event, "sourceIPs");
    put(out, 1, id);
    put(out, 2, text(event, "verb"));
    put(out, 3, text(user, "username"));
    put(out, 4, joined(JsonTree.list(user, "groups")));
    put(out, 5, text(JsonTree.object(event, "impersonatedUser"), "username"));
    put(out, 6, addresses.isEmpty() ? "" : String.valueOf(addresses.get(0)));
    put(out, 7, text(event, "userAgent"));
    put(out, 8, text(object, "resource"));
    put(out, 9, text(object, "subresource"));
    put(out, 10, text(object, "namespace"));
    put(out, 11, text(object, "name"));
    if (status(event) != 0) {
      out.numberAlways(12, status(event));
    }
    put(out, 13, command(text(event, "requestURI")));
    pod(out, JsonTree.object(event, "requestObject"));
    put(out, 17, text(JsonTree.object(event, "annotations"), "authorization.k8s.io/decision"));
    put(out, 18, text(object, "apiGroup"));
    out.end(message);
    return Arrays.copyOf(out.array(), out.length());
  }

  private static void put(ProtoBuffer out, int field, String text) {
    if (!text.isEmpty()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      out.text(field, bytes, 0, Math.min(bytes.length, TEXT_LIMIT));
    }
  }

  private static String joined(Iterable<?> values) {
    List<String> texts = new ArrayList<>();
    values.forEach(value -> texts.add(String.valueOf(value)));
    return String.join(",", texts);
  }

  /** What is to run in the pod stands in the query, a parameter for each word. */
  private String command(String uri) {
    int query = uri.indexOf('?');
    if (query < 0) {
      return "";
    }
    String line =
        Arrays.stream(uri.substring(query + 1).split("&"))
            .filter(parameter -> parameter.startsWith("command="))
            .map(parameter -> decoded(parameter.substring("command=".length())))
            .collect(Collectors.joining(" "));
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    secrets.maskCommand(bytes, 0, Math.min(bytes.length, TEXT_LIMIT));
    return new String(secrets.text(), 0, secrets.length(), StandardCharsets.UTF_8);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // as it was sent
    }
  }

  /** What a pod, or what makes pods, asks for. */
  private static void pod(ProtoBuffer out, Map<String, Object> requested) {
    Map<String, Object> spec = JsonTree.object(requested, "spec");
    if (spec.containsKey("jobTemplate")) {
      spec = JsonTree.object(spec, "jobTemplate", "spec");
    }
    if (spec.containsKey("template")) {
      spec = JsonTree.object(spec, "template", "spec");
    }
    List<Map<String, Object>> containers = new ArrayList<>();
    for (String name : List.of("initContainers", "containers", "ephemeralContainers")) {
      JsonTree.list(spec, name).forEach(each -> containers.add(JsonTree.object(each)));
    }
    Set<String> images = new LinkedHashSet<>();
    Set<String> capabilities = new LinkedHashSet<>();
    boolean privileged = false;
    for (Map<String, Object> container : containers) {
      Map<String, Object> security = JsonTree.object(container, "securityContext");
      privileged |= Boolean.TRUE.equals(security.get("privileged"));
      images.add(text(container, "image"));
      JsonTree.list(JsonTree.object(security, "capabilities"), "add")
          .forEach(each -> capabilities.add(String.valueOf(each)));
    }
    Set<String> paths = new LinkedHashSet<>();
    for (Object volume : JsonTree.list(spec, "volumes")) {
      String path = JsonTree.text(JsonTree.object(JsonTree.object(volume), "hostPath"), "path");
      if (path != null) {
        paths.add(path);
      }
    }
    images.remove("");
    put(out, 14, joined(images));
    if (!containers.isEmpty()) {
      out.flagAlways(15, privileged);
    }
    put(out, 16, joined(paths));
    put(out, 19, sharedNamespaces(spec));
    put(out, 20, joined(capabilities));
  }

  private static String sharedNamespaces(Map<String, Object> spec) {
    List<String> shared = new ArrayList<>();
    if (Boolean.TRUE.equals(spec.get("hostPID"))) {
      shared.add("pid");
    }
    if (Boolean.TRUE.equals(spec.get("hostNetwork"))) {
      shared.add("network");
    }
    if (Boolean.TRUE.equals(spec.get("hostIPC"))) {
      shared.add("ipc");
    }
    return String.join(",", shared);
  }
}
