package dev.interdict.jobs;

import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Objects that tasks of an embedded cluster share with whoever started it. A job graph is
 * serialized even then; the key of an object travels instead of the object.
 */
public final class Local {
  private static final ConcurrentHashMap<String, Object> OBJECTS = new ConcurrentHashMap<>();

  private Local() {}

  public static String put(Object object) {
    String key = UUID.randomUUID().toString();
    OBJECTS.put(key, object);
    return key;
  }

  public static <T> T get(String key, Class<T> type) {
    Object object = OBJECTS.get(key);
    if (object == null) {
      throw new IllegalStateException(
          "no local " + type.getSimpleName() + ": its owner has closed or is another process");
    }
    return type.cast(object);
  }

  public static void remove(String key) {
    OBJECTS.remove(key);
  }
}
