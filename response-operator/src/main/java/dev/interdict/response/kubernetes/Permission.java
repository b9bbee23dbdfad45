package dev.interdict.response.kubernetes;

import dev.interdict.response.StepKind;
import java.util.ArrayList;
import java.util.List;

/**
 * What the responder's account must be allowed in the whole cluster.
 *
 * @param group of the resource; empty: the core
 * @param resource with its subresource, as in pods/eviction
 */
record Permission(String verb, String group, String resource) {

  /** Whatever the policies: what {@link WatchedWorkloads} watches, and what steps look at. */
  static final List<Permission> ALWAYS = always();

  /** Its own resources, and events. */
  static final List<Permission> OWN = own();

  private static List<Permission> own() {
    List<Permission> all = new ArrayList<>();
    for (String resource : List.of("responsepolicies", "responsestops", "containments")) {
      for (String verb : List.of("get", "list", "watch")) {
        all.add(new Permission(verb, ResponsePolicy.GROUP, resource));
      }
    }
    for (String verb : List.of("create", "patch", "delete")) {
      all.add(new Permission(verb, ResponsePolicy.GROUP, "containments"));
    }
    all.add(new Permission("patch", ResponsePolicy.GROUP, "containments/status"));
    all.add(new Permission("patch", ResponsePolicy.GROUP, "responsepolicies/status"));
    all.add(new Permission("create", "", "events"));
    return List.copyOf(all);
  }

  private static List<Permission> always() {
    List<Permission> all = new ArrayList<>();
    for (String verb : List.of("get", "list", "watch")) {
      all.add(new Permission(verb, "", "pods"));
      all.add(new Permission(verb, "apps", "replicasets"));
      all.add(new Permission(verb, "batch", "jobs"));
      all.add(new Permission(verb, "policy", "poddisruptionbudgets"));
    }
    return List.copyOf(all);
  }

  /** Beyond those; none for what a node does. */
  static List<Permission> of(StepKind kind) {
    return switch (kind) {
      case ORPHAN ->
          List.of(
              new Permission("patch", "", "pods"),
              new Permission("delete", "", "pods"),
              new Permission("get", "apps", "daemonsets"));
      case NETWORK_POLICY ->
          List.of(
              new Permission("patch", "", "pods"),
              new Permission("list", "networking.k8s.io", "networkpolicies"),
              new Permission("get", "networking.k8s.io", "networkpolicies"),
              new Permission("create", "networking.k8s.io", "networkpolicies"),
              new Permission("delete", "networking.k8s.io", "networkpolicies"));
      case EVICT_POD -> List.of(new Permission("create", "", "pods/eviction"));
      case DELETE_POD -> List.of(new Permission("delete", "", "pods"));
      case ROLLOUT_RESTART -> owners("get", "patch deployments statefulsets daemonsets");
      case SCALE_TO_ZERO ->
          owners(
              "get", "patch deployments statefulsets replicasets", "list deployments statefulsets");
      case ANNOTATE -> {
        List<Permission> all =
            owners(
                "get",
                "list",
                "patch deployments statefulsets daemonsets replicasets jobs cronjobs");
        all.add(new Permission("patch", "", "pods"));
        for (String verb : List.of("get", "list", "patch")) {
          all.add(new Permission(verb, "", "nodes"));
        }
        yield List.copyOf(all);
      }
      case CHECKPOINT -> List.of(new Permission("create", "", "nodes/proxy"));
      case CORDON, TAINT ->
          List.of(
              new Permission("get", "", "nodes"),
              new Permission("list", "", "nodes"),
              new Permission("patch", "", "nodes"));
      case DRAIN ->
          List.of(
              new Permission("get", "", "nodes"),
              new Permission("list", "", "nodes"),
              new Permission("patch", "", "nodes"),
              new Permission("create", "", "pods/eviction"));
      case SAVE_WINDOW, SAVE_EVIDENCE, KILL_PROCESS, KILL_TREE, KILL_CGROUP, RESTART_CONTAINER ->
          List.of();
    };
  }

  /**
   * @param verbs each with its resources; without: all that may own pods, beyond {@link #ALWAYS}
   */
  private static List<Permission> owners(String... verbs) {
    List<Permission> all = new ArrayList<>();
    for (String each : verbs) {
      String[] words = each.split(" ");
      List<String> resources =
          words.length > 1
              ? List.of(words).subList(1, words.length)
              : List.of("deployments", "statefulsets", "daemonsets", "cronjobs");
      for (String resource : resources) {
        String group = resource.endsWith("jobs") ? "batch" : "apps";
        all.add(new Permission(words[0], group, resource));
      }
    }
    return all;
  }

  /** As kubectl auth can-i takes it: patch deployments.apps. */
  @Override
  public String toString() {
    int slash = resource.indexOf('/');
    String whole =
        group.isEmpty()
            ? resource
            : slash < 0
                ? resource + "." + group
                : resource.substring(0, slash) + "." + group + resource.substring(slash);
    return verb + " " + whole;
  }
}
