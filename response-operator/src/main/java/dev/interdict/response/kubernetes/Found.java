package dev.interdict.response.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Map;

/**
 * An object of the API server and the way to it.
 *
 * @param object as it was when it was found
 */
record Found(Resource<? extends HasMetadata> resource, HasMetadata object) {

  /** Null if there is none. */
  static Found of(Resource<? extends HasMetadata> resource) {
    HasMetadata object = resource == null ? null : resource.get();
    return object == null ? null : new Found(resource, object);
  }

  /** Refused by the API server if the object has changed since it was found. */
  void patch(Map<String, String> annotations, Map<String, Object> spec) {
    resource.patch(Marks.MERGE, Marks.patch(Marks.metadata(object, annotations, Map.of()), spec));
  }

  /** As it is now; null if it is gone. */
  HasMetadata again() {
    return resource.get();
  }

  /** For a person: Deployment web. */
  @Override
  public String toString() {
    return object.getKind() + " " + object.getMetadata().getName();
  }
}
