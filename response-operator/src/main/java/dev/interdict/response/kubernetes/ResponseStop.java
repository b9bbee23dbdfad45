package dev.interdict.response.kubernetes;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.Annotations;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** The global stop: as long as there is one, nothing new is done. */
@Group(ResponsePolicy.GROUP)
@Version(ResponsePolicy.VERSION)
@Annotations("helm.sh/resource-policy=keep")
@ShortNames("rstop")
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".spec.reason",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public class ResponseStop extends CustomResource<ResponseStop.Spec, Void> {
  private static final long serialVersionUID = 1;

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public static class Spec {
    @Required
    @Size(min = 1, max = 150)
    public String reason;
  }
}
