package dev.interdict.response.kubernetes;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.Annotations;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;

/**
 * A policy as a resource. Its spec has the keys of a policy file, whose reader reads it; its name
 * is the resource's. This class says what the API server lets in.
 */
@Group(ResponsePolicy.GROUP)
@Version(ResponsePolicy.VERSION)
@Annotations("helm.sh/resource-policy=keep")
@ShortNames("rp")
@AdditionalPrinterColumn(
    name = "Mode",
    jsonPath = ".spec.mode",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Order",
    jsonPath = ".spec.order",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "State",
    jsonPath = ".status.state",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Message",
    jsonPath = ".status.message",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public class ResponsePolicy extends CustomResource<ResponsePolicy.Spec, ResponsePolicy.Status> {
  static final String GROUP = "interdict.dev";
  static final String VERSION = "v1alpha1";
  private static final long serialVersionUID = 1;

  private static final String DURATION = "^[0-9]{1,9}(ms|s|m|h|d)$";
  private static final String BUDGET = "^[0-9]{1,4}/[0-9]{0,5}[smhd]$";
  private static final String LEVEL = "^(informational|low|medium|high|critical)$";

  @ValidationRule(
      value =
          "self.mode == 'observe' || has(self.actions) && (has(self.actions.cut) && self.actions.cut"
              + " || has(self.actions.freeze) && self.actions.freeze)",
      message = "nothing to do: set actions.cut or actions.freeze to true")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Spec {
    /** Those of a lower number are tried first, those of the same by name. */
    @Default("100")
    @Min(0)
    @Max(10000)
    public Integer order;

    @Required
    @Pattern("^(observe|dryrun|enforce)$")
    public String mode;

    public Match match;
    public Actions actions;

    @Size(max = 8)
    public List<Step> then;

    public Limits limits;
    public Exempt exempt;
    public Approval approval;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Match {
    @Size(min = 1, max = 1000)
    public List<String> rules;

    @Pattern(LEVEL)
    public String level;

    @Min(0)
    @Max(100)
    public Integer score;

    @Size(min = 1, max = 1000)
    public List<@Pattern("^T[0-9]{4}(\\.[0-9]{3})?$") String> techniques;

    @Size(min = 1, max = 1000)
    public List<String> responses;

    public Containers containers;
    public Owner owner;
    public Boolean host;
  }

  /** Globs, one list for each thing to be matched. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Containers {
    @Size(min = 1, max = 1000)
    public List<String> name;

    @Size(min = 1, max = 1000)
    public List<String> image;

    @Size(min = 1, max = 1000)
    public List<String> runtime;

    @Size(min = 1, max = 1000)
    public List<String> namespace;

    @Size(min = 1, max = 1000)
    public List<String> pod;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Owner {
    @Size(min = 1, max = 1000)
    public List<String> kind;

    @Size(min = 1, max = 1000)
    public List<String> name;

    public Map<String, String> labels;
    public Boolean stateful;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Actions {
    public Boolean cut;
    public Boolean freeze;

    @Pattern(DURATION)
    public String ttl;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Step {
    @Required
    @JsonProperty("do")
    public String action;

    @Pattern("^(in-force|not-in-force|always)$")
    public String when;

    @Pattern(LEVEL)
    public String level;

    public Boolean keep;

    @Pattern(DURATION)
    public String before;

    @Pattern(DURATION)
    public String grace;

    @Pattern(DURATION)
    public String timeout;

    public Boolean bare;
    public String on;
    public String key;

    @Size(min = 1, max = 1024)
    public String value;

    @Pattern("^(NoSchedule|PreferNoSchedule|NoExecute)$")
    public String effect;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Limits {
    @Min(1)
    public Integer containmentsPerNodePerMinute;

    @Pattern(BUDGET)
    public String perWorkload;

    @Pattern(BUDGET)
    public String perNamespace;

    @Pattern(BUDGET)
    public String perCluster;

    @Pattern(DURATION)
    public String maxAlertAge;

    @Pattern(DURATION)
    public String warmUp;

    @Pattern(BUDGET)
    public String disarmRuleBeyondWorkloads;

    @Min(0)
    public Integer minimumHealthy;

    public Boolean respectDisruptionBudgets;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Exempt {
    @Size(min = 1, max = 1000)
    public List<String> containers;

    @Size(min = 1, max = 1000)
    public List<String> namespaces;

    @Size(min = 1, max = 1000)
    public List<String> owners;

    @Size(min = 1, max = 1000)
    public List<String> binaries;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Approval {
    @Size(min = 1, max = 1000)
    public List<@Pattern("^[A-Za-z0-9._@-]{1,64}$") String> who;

    @Pattern(DURATION)
    public String within;

    @Pattern("^(skip|act)$")
    public String otherwise;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Status {
    /** Active, or Invalid: then what it was before stays in force. */
    public String state;

    public String message;
    public Long observedGeneration;
  }
}
