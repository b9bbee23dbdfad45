package dev.interdict.response.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What steps write onto objects to know their own work again. A value is the step's key, so that a
 * step that is asked for twice is done once, and only what a step did is taken back.
 */
final class Marks {
  private static final ObjectMapper JSON = new ObjectMapper(); // which writes null values, too
  private static final String OURS = "interdict.dev/";

  /** Label of a pod, its value the containment's id: what a network policy selects. */
  static final String CONTAINED = OURS + "contained";

  static final String ORPHANED = OURS + "orphaned";

  /** The labels that an orphan had, as JSON. */
  static final String LABELS = OURS + "labels";

  /** What owned an orphan: kind/name/uid. */
  static final String OWNER = OURS + "owner";

  static final String RESTARTED = OURS + "restarted";

  /** The key and how many replicas there were. */
  static final String SCALED = OURS + "scaled";

  static final String CORDONED = OURS + "cordoned";

  /** The key and the taint, as kubectl writes it. */
  static final String TAINTED = OURS + "tainted";

  static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private Marks() {}

  static boolean isOurs(String key) {
    return key.startsWith(OURS);
  }

  /** Null if it has none. */
  static String of(HasMetadata object, String annotation) {
    Map<String, String> annotations = object.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(annotation);
  }

  /** Whether the annotation is of the step with this key; more may follow the key. */
  static boolean isOf(HasMetadata object, String annotation, String key) {
    String mark = of(object, annotation);
    return mark != null && (mark.equals(key) || mark.startsWith(key + " "));
  }

  /** On what a step has annotated, beside the annotation that was asked for. */
  static String annotated(String key) {
    return OURS + "annotated-" + key;
  }

  /**
   * Of a patch that the API server refuses if the object has changed since it was read.
   *
   * @param annotations null values are taken away
   * @param labels the same
   */
  static Map<String, Object> metadata(
      HasMetadata object, Map<String, String> annotations, Map<String, String> labels) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("uid", object.getMetadata().getUid());
    metadata.put("resourceVersion", object.getMetadata().getResourceVersion());
    if (!annotations.isEmpty()) {
      metadata.put("annotations", annotations);
    }
    if (!labels.isEmpty()) {
      metadata.put("labels", labels);
    }
    return metadata;
  }

  /** A JSON merge patch. */
  static String patch(Map<String, Object> metadata, Map<String, Object> spec) {
    Map<String, Object> patch = new LinkedHashMap<>();
    patch.put("metadata", metadata);
    if (!spec.isEmpty()) {
      patch.put("spec", spec);
    }
    return json(patch);
  }

  static String json(Map<String, ?> value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of texts are JSON", e);
    }
  }

  /** Takes null for a value, unlike {@link Map#of()}. */
  static <V> Map<String, V> one(String key, V value) {
    Map<String, V> map = new LinkedHashMap<>();
    map.put(key, value);
    return map;
  }
}
