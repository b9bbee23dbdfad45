package dev.interdict.response.kubernetes;

import dev.interdict.response.Workload;
import dev.interdict.response.Workloads;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pods and what owns them, as the API server tells it. Answers from memory; what it does not know
 * yet, or what the API server could not tell for a while, is answered as it was.
 */
final class WatchedWorkloads implements Workloads, AutoCloseable {
  private static final long PAGE = 500;
  private static final String UID = "uid";
  private static final String OWNER = "owner";
  static final String PART_OF = "app.kubernetes.io/part-of";
  // cgroupfs writes pod<uid>, systemd pod<uid> with underscores.
  static final Pattern POD_UID =
      Pattern.compile("pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})");

  private final String ownNamespace;
  private final SharedIndexInformer<Pod> pods;
  private final SharedIndexInformer<ReplicaSet> replicaSets;
  private final SharedIndexInformer<Job> jobs;
  private final SharedIndexInformer<PodDisruptionBudget> budgets;

  private WatchedWorkloads(KubernetesClient client, String ownNamespace) {
    this.ownNamespace = ownNamespace;
    // What has ended is attacked no more.
    pods =
        watch(
            client
                .pods()
                .inAnyNamespace()
                .withoutField("status.phase", "Succeeded")
                .withoutField("status.phase", "Failed"),
            Lean::pod);
    pods.addIndexers(
        Map.of(UID, pod -> List.of(pod.getMetadata().getUid()), OWNER, WatchedWorkloads::ownerUid));
    replicaSets = watch(client.apps().replicaSets().inAnyNamespace(), Lean::replicaSet);
    replicaSets.addIndexers(Map.of(OWNER, WatchedWorkloads::ownerUid));
    jobs = watch(client.batch().v1().jobs().inAnyNamespace(), Lean::job);
    budgets = watch(client.policy().v1().podDisruptionBudget().inAnyNamespace(), Lean::budget);
  }

  /**
   * Knows what the cluster holds on return.
   *
   * @param ownNamespace where what is labelled as a part of Interdict is one
   */
  static WatchedWorkloads start(KubernetesClient client, String ownNamespace, Duration within)
      throws IOException {
    WatchedWorkloads workloads = new WatchedWorkloads(client, ownNamespace);
    try {
      Synced.await(
          within, workloads.pods, workloads.replicaSets, workloads.jobs, workloads.budgets);
      return workloads;
    } catch (IOException | RuntimeException e) {
      workloads.close();
      throw e;
    }
  }

  /** Hears of the pods from now on. */
  void watch(ResourceEventHandler<Pod> handler) {
    pods.addEventHandler(handler);
  }

  private static <T extends HasMetadata, L extends KubernetesResourceList<T>>
      SharedIndexInformer<T> watch(
          FilterWatchListDeletable<T, L, ?> objects, UnaryOperator<T> lean) {
    return objects
        .withLimit(PAGE)
        .runnableInformer(0)
        .itemStore(new LeanStore<>(lean))
        .exceptionHandler((started, failure) -> true); // tried again for ever
  }

  @Override
  public Workload of(Entity entity) {
    Pod pod = pod(entity);
    if (pod == null) {
      return null;
    }
    HasMetadata top = top(pod);
    OwnerReference owner = owner(top);
    boolean owned = owner != null && !isStatic(pod);
    return new Workload(
        owned ? owner.getKind() : top.getKind(),
        pod.getMetadata().getNamespace(),
        owned ? owner.getName() : top.getMetadata().getName(),
        labels(pod),
        spared(pod));
  }

  /** Null if it is not known. */
  Pod pod(Entity entity) {
    Matcher uid = POD_UID.matcher(entity.getCgroup());
    if (uid.find()) {
      List<Pod> found = pods.getIndexer().byIndex(UID, uid.group(1).replace('_', '-'));
      if (!found.isEmpty()) {
        return found.get(0);
      }
    }
    // The cgroup of a static pod does not hold the uid that the API server gave to its mirror.
    Container container = entity.getContainer();
    return container.getPod().isEmpty()
        ? null
        : pods.getStore()
            .getByKey(Cache.namespaceKeyFunc(container.getNamespace(), container.getPod()));
  }

  /** The pod, or the ReplicaSet or Job that owns it: whose owner is the workload. */
  private HasMetadata top(Pod pod) {
    OwnerReference owner = owner(pod);
    if (owner == null) {
      return pod;
    }
    String key = Cache.namespaceKeyFunc(pod.getMetadata().getNamespace(), owner.getName());
    HasMetadata between =
        switch (owner.getKind()) {
          case "ReplicaSet" -> replicaSets.getStore().getByKey(key);
          case "Job" -> jobs.getStore().getByKey(key);
          default -> null;
        };
    boolean whole = between != null && between.getMetadata().getUid().equals(owner.getUid());
    return whole && owner(between) != null ? between : pod;
  }

  private String spared(Pod pod) {
    if (isStatic(pod)) {
      return "pod %s is a static pod, which only its node can replace"
          .formatted(pod.getMetadata().getName());
    }
    boolean ours =
        pod.getMetadata().getNamespace().equals(ownNamespace)
            && "interdict".equals(labels(pod).get(PART_OF));
    return ours ? "pod " + pod.getMetadata().getName() + " is a part of Interdict" : null;
  }

  private static boolean isStatic(Pod pod) {
    return Marks.of(pod, Lean.MIRROR) != null;
  }

  @Override
  public Health health(Entity entity) {
    Pod pod = pod(entity);
    if (pod == null) {
      return null;
    }
    Set<String> ready = new HashSet<>();
    for (Pod each : siblings(pod)) {
      if (!each.getStatus().getConditions().isEmpty()
          && each.getMetadata().getDeletionTimestamp() == null) {
        ready.add(Cache.metaNamespaceKeyFunc(each));
      }
    }
    List<String> exhausted = new ArrayList<>();
    for (PodDisruptionBudget budget :
        budgets.getIndexer().byIndex(Cache.NAMESPACE_INDEX, pod.getMetadata().getNamespace())) {
      if (selects(budget.getSpec().getSelector(), labels(pod)) && allowsNone(budget)) {
        exhausted.add(budget.getMetadata().getName());
      }
    }
    return new Health(ready, exhausted);
  }

  private static Map<String, String> labels(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }

  private List<Pod> siblings(Pod pod) {
    HasMetadata top = top(pod);
    if (owner(top) == null) {
      return List.of(pod);
    }
    String workload = owner(top).getUid();
    List<Pod> siblings = new ArrayList<>(pods.getIndexer().byIndex(OWNER, workload));
    for (ReplicaSet set : replicaSets.getIndexer().byIndex(OWNER, workload)) {
      siblings.addAll(pods.getIndexer().byIndex(OWNER, set.getMetadata().getUid()));
    }
    return siblings;
  }

  /** One without a status is not reckoned yet, and an eviction would be refused. */
  private static boolean allowsNone(PodDisruptionBudget budget) {
    return budget.getStatus() == null
        || budget.getStatus().getDisruptionsAllowed() == null
        || budget.getStatus().getDisruptionsAllowed() == 0;
  }

  /** As the API server understands it: without a selector nothing, with an empty one everything. */
  static boolean selects(LabelSelector selector, Map<String, String> labels) {
    if (selector == null) {
      return false;
    }
    Map<String, String> equal = selector.getMatchLabels();
    return (equal == null || labels.entrySet().containsAll(equal.entrySet()))
        && selector.getMatchExpressions().stream().allMatch(each -> holds(each, labels));
  }

  private static boolean holds(LabelSelectorRequirement what, Map<String, String> labels) {
    String value = labels.get(what.getKey());
    return switch (what.getOperator()) {
      case "In" -> value != null && what.getValues().contains(value);
      case "NotIn" -> value == null || !what.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }

  private static OwnerReference owner(HasMetadata object) {
    for (OwnerReference owner : object.getMetadata().getOwnerReferences()) {
      if (Boolean.TRUE.equals(owner.getController())) {
        return owner;
      }
    }
    return null;
  }

  private static List<String> ownerUid(HasMetadata object) {
    OwnerReference owner = owner(object);
    return owner == null ? List.of() : List.of(owner.getUid());
  }

  @Override
  public void close() {
    List.of(pods, replicaSets, jobs, budgets).forEach(SharedIndexInformer::stop);
  }
}
