package dev.interdict.response.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.ArrayList;
import java.util.List;

/** What owns pods, as the API server has it at this moment. Blocks. */
final class Owners {
  private final KubernetesClient client;

  Owners(KubernetesClient client) {
    this.client = client;
  }

  /**
   * The topmost: the Deployment and not its ReplicaSet, also of a pod that was orphaned. Null if
   * there is none, or it is of a kind that is not known here.
   */
  Resource<? extends HasMetadata> of(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    OwnerReference owner = Pods.controller(pod);
    String mark = Marks.of(pod, Marks.OWNER);
    if (owner == null && mark == null) {
      return null;
    }
    String[] was = mark == null ? null : mark.split("/");
    Resource<? extends HasMetadata> first =
        owner == null
            ? resource(namespace, was[0], was[1])
            : resource(namespace, owner.getKind(), owner.getName());
    HasMetadata object = first == null ? null : first.get();
    if (object == null
        || !object.getMetadata().getUid().equals(owner == null ? was[2] : owner.getUid())) {
      return null;
    }
    for (OwnerReference above : object.getMetadata().getOwnerReferences()) {
      if (Boolean.TRUE.equals(above.getController())) {
        Resource<? extends HasMetadata> top = resource(namespace, above.getKind(), above.getName());
        return top == null ? first : top;
      }
    }
    return first;
  }

  private Resource<? extends HasMetadata> resource(String namespace, String kind, String name) {
    return switch (kind) {
      case "Deployment" -> client.apps().deployments().inNamespace(namespace).withName(name);
      case "ReplicaSet" -> client.apps().replicaSets().inNamespace(namespace).withName(name);
      case "StatefulSet" -> client.apps().statefulSets().inNamespace(namespace).withName(name);
      case "DaemonSet" -> client.apps().daemonSets().inNamespace(namespace).withName(name);
      case "Job" -> client.batch().v1().jobs().inNamespace(namespace).withName(name);
      case "CronJob" -> client.batch().v1().cronjobs().inNamespace(namespace).withName(name);
      default -> null;
    };
  }

  /** Each with its object, as it is now. */
  List<Resource<? extends HasMetadata>> scalable(String namespace) {
    List<Resource<? extends HasMetadata>> all = new ArrayList<>();
    client
        .apps()
        .deployments()
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(each -> all.add(client.apps().deployments().resource(each)));
    client
        .apps()
        .statefulSets()
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(each -> all.add(client.apps().statefulSets().resource(each)));
    client
        .apps()
        .replicaSets()
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(each -> all.add(client.apps().replicaSets().resource(each)));
    return all;
  }

  static String text(HasMetadata owner) {
    return owner.getKind() + " " + owner.getMetadata().getName();
  }
}
