package dev.interdict.response.kubernetes;

import dev.interdict.response.ContainmentRecord;
import dev.interdict.schema.Container;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pods as the API server has them at this moment. Blocks. */
final class Pods {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final Duration SKEW = Duration.ofSeconds(2);

  private final KubernetesClient client;

  Pods(KubernetesClient client) {
    this.client = client;
  }

  /** That the alert is about; null if it is gone, though another may have its name by now. */
  Pod of(ContainmentRecord record) {
    Container container = record.alert().getEntity().getContainer();
    if (!NAME.matcher(container.getPod()).matches()
        || !NAME.matcher(container.getNamespace()).matches()) {
      return null;
    }
    Pod pod = resource(container.getNamespace(), container.getPod()).get();
    return pod == null || !isMeant(pod, record) ? null : pod;
  }

  private static boolean isMeant(Pod pod, ContainmentRecord record) {
    Matcher uid = WatchedWorkloads.POD_UID.matcher(record.cgroup());
    if (uid.find() && !isStatic(pod)) {
      return pod.getMetadata().getUid().equals(uid.group(1).replace('_', '-'));
    }
    // A StatefulSet's replacement has the same name.
    Instant made = Instant.parse(pod.getMetadata().getCreationTimestamp());
    Instant attacked = Instant.ofEpochSecond(0, record.times().kernel());
    return made.isBefore(attacked.plus(SKEW));
  }

  PodResource resource(Pod pod) {
    return resource(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }

  private PodResource resource(String namespace, String name) {
    return client.pods().inNamespace(namespace).withName(name);
  }

  /** All on a node, ended ones too. */
  List<Pod> on(String node) {
    return client.pods().inAnyNamespace().withField("spec.nodeName", node).list().getItems();
  }

  /** Ready ones of an owner. */
  List<Pod> readyOf(String namespace, LabelSelector selector, String ownerUid) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabelSelector(selector)
        .list()
        .getItems()
        .stream()
        .filter(pod -> controller(pod) != null && controller(pod).getUid().equals(ownerUid))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null && isReady(pod))
        .toList();
  }

  void patch(Pod pod, Map<String, Object> metadata) {
    resource(pod).patch(Marks.MERGE, Marks.patch(metadata, Map.of()));
  }

  /**
   * Whoever is gone already is gone. The pod must still be this one.
   *
   * @param grace seconds; null: the pod's own
   */
  void delete(Pod pod, Long grace) {
    try {
      client.raw(
          "/api/v1/namespaces/"
              + pod.getMetadata().getNamespace()
              + "/pods/"
              + pod.getMetadata().getName(),
          "DELETE",
          new DeleteOptionsBuilder()
              .withGracePeriodSeconds(grace)
              .withNewPreconditions()
              .withUid(pod.getMetadata().getUid())
              .endPreconditions()
              .build());
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }

  /** False if a disruption budget does not allow it now. */
  boolean evict(Pod pod, Long grace) {
    try {
      return resource(pod)
          .evict(
              new EvictionBuilder()
                  .withNewMetadata()
                  .withName(pod.getMetadata().getName())
                  .withNamespace(pod.getMetadata().getNamespace())
                  .endMetadata()
                  .withDeleteOptions(
                      new DeleteOptionsBuilder()
                          .withGracePeriodSeconds(grace)
                          .withNewPreconditions()
                          .withUid(pod.getMetadata().getUid())
                          .endPreconditions()
                          .build())
                  .build());
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404) {
        return true;
      }
      if (e.getCode() == 429) {
        return false;
      }
      throw e;
    }
  }

  /** Whether this very pod is gone, or on its way. */
  boolean isLeaving(Pod pod) {
    Pod now = resource(pod).get();
    return now == null
        || !now.getMetadata().getUid().equals(pod.getMetadata().getUid())
        || now.getMetadata().getDeletionTimestamp() != null;
  }

  /** Null if nothing owns it. */
  static OwnerReference controller(Pod pod) {
    for (OwnerReference owner : pod.getMetadata().getOwnerReferences()) {
      if (Boolean.TRUE.equals(owner.getController())) {
        return owner;
      }
    }
    return null;
  }

  static boolean isStatic(Pod pod) {
    return Marks.of(pod, Lean.MIRROR) != null;
  }

  static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream().anyMatch(Lean::isReady);
  }

  static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  /** Null if it has not come by then. */
  static <T> T await(Duration within, Supplier<T> look) {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      T found = look.get();
      if (found != null || System.nanoTime() >= end) {
        return found;
      }
      try {
        Thread.sleep(PAUSE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
  }
}
