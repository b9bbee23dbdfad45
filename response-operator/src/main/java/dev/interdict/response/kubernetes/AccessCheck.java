package dev.interdict.response.kubernetes;

import dev.interdict.response.StepKind;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.LinkedHashSet;
import java.util.Set;

/** Asks the API server what the responder's account may do, before an attack does. */
final class AccessCheck {
  private final KubernetesClient client;

  AccessCheck(KubernetesClient client) {
    this.client = client;
  }

  /** What is missing for these steps, beyond what is always needed; in every namespace. */
  Set<Permission> missing(Set<StepKind> kinds) {
    Set<Permission> wanted = new LinkedHashSet<>(Permission.ALWAYS);
    wanted.addAll(Permission.OWN);
    kinds.forEach(kind -> wanted.addAll(Permission.of(kind)));
    Set<Permission> missing = new LinkedHashSet<>();
    for (Permission permission : wanted) {
      if (!may(permission)) {
        missing.add(permission);
      }
    }
    return missing;
  }

  private boolean may(Permission permission) {
    String[] resource = permission.resource().split("/", 2);
    SelfSubjectAccessReview review =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withVerb(permission.verb())
            .withGroup(permission.group())
            .withResource(resource[0])
            .withSubresource(resource.length > 1 ? resource[1] : null)
            .endResourceAttributes()
            .endSpec()
            .build();
    return client
        .authorization()
        .v1()
        .selfSubjectAccessReview()
        .create(review)
        .getStatus()
        .getAllowed();
  }
}
