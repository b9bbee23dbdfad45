package dev.interdict.bus.join;

import java.io.IOException;

/** Tells whose token a pod has shown. */
@FunctionalInterface
public interface KubernetesTokens {
  /**
   * @param account {@code system:serviceaccount:NAMESPACE:NAME}
   * @param nodeName of the node that the pod runs on; empty if the token is not bound to one
   * @param nodeUid of it, where the cluster tells that
   */
  record Holder(String account, String nodeName, String nodeUid) {}

  /** Throws JoinRefusedException if the cluster does not know the token. */
  Holder review(String token) throws JoinRefusedException, IOException;
}
