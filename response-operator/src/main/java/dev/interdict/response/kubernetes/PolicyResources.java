package dev.interdict.response.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.response.InvalidPolicyException;
import dev.interdict.response.Policies;
import dev.interdict.response.StepKind;
import dev.interdict.response.StepKind.Place;
import dev.interdict.response.StepRunner;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies that are resources, before those of the file. They make one set, so that each change
 * is a look at all of them. Of one that is not valid, what it said before stays in force.
 */
final class PolicyResources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyResources.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ORDER = 100;

  private final KubernetesClient client;
  private final Policies ofFile;
  private final Consumer<Policies> use;
  private final StepRunner steps;
  private final Executor executor;
  private final SharedIndexInformer<ResponsePolicy> informer;
  private final Map<String, Policies> valid = new HashMap<>(); // by name; executor only

  /**
   * @param use on the executor's thread, as {@link #look} is; by then it is known what steps lack
   */
  PolicyResources(
      KubernetesClient client,
      Policies ofFile,
      Consumer<Policies> use,
      StepRunner steps,
      Executor executor) {
    this.client = client;
    this.ofFile = ofFile;
    this.use = use;
    this.steps = steps;
    this.executor = executor;
    informer =
        client
            .resources(ResponsePolicy.class)
            .runnableInformer(0)
            .exceptionHandler((started, failure) -> true); // tried again for ever
    informer.addEventHandler(new Changes());
  }

  /** The policies are in force on return. */
  void start(Duration within) throws IOException {
    Synced.await(within, informer);
    look();
  }

  private final class Changes implements ResourceEventHandler<ResponsePolicy> {
    @Override
    public void onAdd(ResponsePolicy added) {
      executor.execute(PolicyResources.this::look);
    }

    /** A status says nothing new. */
    @Override
    public void onUpdate(ResponsePolicy before, ResponsePolicy now) {
      if (!Objects.equals(
          before.getMetadata().getGeneration(), now.getMetadata().getGeneration())) {
        executor.execute(PolicyResources.this::look);
      }
    }

    @Override
    public void onDelete(ResponsePolicy deleted, boolean unknown) {
      executor.execute(PolicyResources.this::look);
    }
  }

  private synchronized void look() {
    List<ResponsePolicy> all = new ArrayList<>(informer.getStore().list());
    all.sort(
        Comparator.comparing(PolicyResources::order)
            .thenComparing(policy -> policy.getMetadata().getName()));
    valid.keySet().retainAll(all.stream().map(policy -> policy.getMetadata().getName()).toList());
    Policies policies = null;
    Map<String, String> problems = new HashMap<>();
    for (ResponsePolicy resource : all) {
      String name = resource.getMetadata().getName();
      try {
        Policies one = parse(resource);
        if (ofFile.names().contains(name)) {
          throw new InvalidPolicyException(
              name, 1, "the responder's file has a policy of this name");
        }
        valid.put(name, one);
      } catch (InvalidPolicyException e) {
        problems.put(name, e.getMessage());
        LOG.error("policy {} is not valid: {}", name, e.getMessage());
      }
      Policies taken = valid.get(name);
      if (taken != null) {
        policies = policies == null ? taken : policies.before(taken);
      }
    }
    Policies whole = policies == null ? ofFile : policies.before(ofFile);
    LOG.info("policies in force: {}", whole.names());
    use.accept(whole);
    for (ResponsePolicy resource : all) {
      String name = resource.getMetadata().getName();
      tell(resource, problems.get(name), valid.get(name));
    }
  }

  private static int order(ResponsePolicy policy) {
    Integer order = policy.getSpec() == null ? null : policy.getSpec().order;
    return order == null ? ORDER : order;
  }

  /** JSON is YAML, too. */
  static Policies parse(ResponsePolicy resource) {
    String name = resource.getMetadata().getName();
    ObjectNode json = JSON.valueToTree(resource.getSpec());
    json.remove("order");
    json.put("name", name);
    try {
      return Policies.parse("ResponsePolicy " + name, JSON.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON is JSON", e);
    }
  }

  /** What of it cannot be carried out; empty if all can. */
  private String leftOut(Policies policy) {
    List<String> leftOut = new ArrayList<>();
    for (StepKind kind : policy.stepKinds()) {
      String obstacle = kind.place() == Place.ORCHESTRATOR ? steps.obstacle(kind) : null;
      if (obstacle != null) {
        leftOut.add(kind.text() + " is left out: " + obstacle);
      }
    }
    return String.join("; ", leftOut);
  }

  /**
   * @param taken what is in force by its name, or null
   */
  private void tell(ResponsePolicy resource, String problem, Policies taken) {
    ResponsePolicy.Status status = new ResponsePolicy.Status();
    status.state = problem == null ? "Active" : "Invalid";
    status.message =
        problem == null
            ? leftOut(taken)
            : problem + (taken == null ? "" : " (what it was before stays in force)");
    status.observedGeneration = resource.getMetadata().getGeneration();
    ResponsePolicy.Status now = resource.getStatus();
    if (now != null
        && status.state.equals(now.state)
        && status.message.equals(now.message)
        && status.observedGeneration.equals(now.observedGeneration)) {
      return;
    }
    try {
      client
          .resources(ResponsePolicy.class)
          .withName(resource.getMetadata().getName())
          .subresource("status")
          .patch(Marks.MERGE, Marks.json(Map.of("status", status)));
    } catch (KubernetesClientException e) {
      LOG.warn("cannot write the status of policy {}", resource.getMetadata().getName(), e);
    }
  }

  @Override
  public void close() {
    informer.stop();
  }
}
