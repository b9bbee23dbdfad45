package dev.interdict.response.kubernetes;

import dev.interdict.response.Responder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;

/**
 * Tells the responder of containers that the kubelet has begun anew: what is frozen or cut fails
 * its probes.
 */
final class Restarts implements ResourceEventHandler<Pod> {
  private final Responder responder;

  Restarts(Responder responder) {
    this.responder = responder;
  }

  @Override
  public void onAdd(Pod pod) {}

  @Override
  public void onUpdate(Pod before, Pod now) {
    for (ContainerStatus status : now.getStatus().getContainerStatuses()) {
      int restarts = status.getRestartCount();
      if (restarts > restarts(before, status.getName())) {
        responder.restarted(
            now.getMetadata().getNamespace(),
            now.getMetadata().getName(),
            status.getName(),
            how(status));
      }
    }
  }

  private static int restarts(Pod pod, String container) {
    for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
      if (status.getName().equals(container)) {
        return status.getRestartCount();
      }
    }
    return Integer.MAX_VALUE; // not known before
  }

  private static String how(ContainerStatus status) {
    ContainerStateTerminated end =
        status.getLastState() == null ? null : status.getLastState().getTerminated();
    String ended = end == null ? "" : ", exit code " + end.getExitCode();
    return "restarts=" + status.getRestartCount() + ended;
  }

  @Override
  public void onDelete(Pod pod, boolean finalStateUnknown) {}
}
