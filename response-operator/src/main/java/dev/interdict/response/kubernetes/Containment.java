package dev.interdict.response.kubernetes;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.Annotations;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/**
 * What became of an alert, shown to people. The responder's own log decides: a resource that is
 * deleted or changed undoes nothing. What people may write is an order.
 */
@Group(ResponsePolicy.GROUP)
@Version(ResponsePolicy.VERSION)
@Annotations("helm.sh/resource-policy=keep")
@ShortNames("ctm")
@AdditionalPrinterColumn(
    name = "State",
    jsonPath = ".status.state",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Namespace",
    jsonPath = ".spec.intent.namespace",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Pod",
    jsonPath = ".spec.intent.pod",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Workload",
    jsonPath = ".spec.intent.workload",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Node",
    jsonPath = ".spec.intent.node",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Rule",
    jsonPath = ".spec.intent.title",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Policy",
    jsonPath = ".spec.intent.policy",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Did",
    jsonPath = ".status.did",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.reason",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public class Containment extends CustomResource<Containment.Spec, Containment.Status> {
  private static final long serialVersionUID = 1;

  @ValidationRule(value = "self.intent == oldSelf.intent", message = "an intent does not change")
  @ValidationRule(
      value = "!has(self.order) || has(self.orderedBy)",
      message = "say in orderedBy who orders it")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Spec {
    @Required public Intent intent;

    /** Of a person. Who may write it is for the cluster's access rules. */
    @Pattern("^(release|approve|deny)$")
    public String order;

    /** As the person says; the API server does not vouch for it. */
    @Pattern("^[A-Za-z0-9._@-]{1,64}$")
    public String orderedBy;
  }

  /** Written before anything is done. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Intent {
    @Required public String alert;
    @Required public String rule;
    public String title;
    public String policy;
    public String node;
    public String namespace;
    public String pod;
    public String container;
    public String image;
    public String workload;
    public String cgroup;
    public Boolean cut;
    public Boolean freeze;
    public String ttl;
    public List<String> then;

    /** Of the kernel's event that completed the alert. */
    public String time;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Status {
    public String state;
    public String reason;

    /** Each step and what came of it. */
    public List<String> steps;

    /** In short: cut, frozen, orphan. */
    public String did;

    /** When the node ends it by itself, or an approval can no longer be given. */
    public String until;

    /** From the kernel's event to the node's confirmation. */
    public String containedAfter;

    /**
     * The order that was answered last, of which generation of the resource, and what came of it.
     */
    public String ordered;

    public Long orderedGeneration;
    public String orderResult;
  }
}
