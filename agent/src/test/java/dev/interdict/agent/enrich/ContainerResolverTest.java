package dev.interdict.agent.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerResolverTest {
  private static final String ID = "3f2a".repeat(16);

  @TempDir private Path bundles;

  private ContainerIdentity resolve(String cgroup) {
    return new ContainerResolver(List.of(bundles)).resolve(cgroup);
  }

  private void bundle(String id, String json) throws IOException {
    Files.createDirectories(bundles.resolve(id));
    Files.writeString(bundles.resolve(id).resolve("config.json"), json);
  }

  @Test
  void shouldKnowContainersByHowRuntimesNameTheirCgroups() {
    assertThat(resolve("/kubepods/besteffort/pod1-2/" + ID))
        .isEqualTo(new ContainerIdentity(ID, null, null, null, null, "containerd"));
    assertThat(
            resolve("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + ID + ".scope")
                .runtime())
        .isEqualTo("containerd");
    assertThat(resolve("/kubepods.slice/crio-" + ID + ".scope").runtime()).isEqualTo("cri-o");
    assertThat(resolve("/system.slice/docker-" + ID + ".scope").runtime()).isEqualTo("docker");
    assertThat(resolve("/docker/" + ID).runtime()).isEqualTo("docker");
    assertThat(resolve("/machine.slice/libpod-" + ID + ".scope/container").id()).isEqualTo(ID);
  }

  @Test
  void shouldLeaveTheHostAlone() {
    assertThat(resolve("/")).isNull();
    assertThat(resolve("/system.slice/ssh.service")).isNull();
    assertThat(resolve("/user.slice/" + ID.substring(1))).isNull();
    assertThat(resolve("/../..")).isNull();
  }

  @Test
  void shouldReadNamesFromTheBundle() throws IOException {
    bundle(
        ID,
        """
        {"ociVersion":"1.1.0","process":{"annotations":{"io.kubernetes.cri.sandbox-name":"wrong"}},
         "annotations":{"io.kubernetes.cri.container-name":"web","io.kubernetes.cri.sandbox-name":"web-0",
          "io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.image-name":"web:1","n":[1]}}
        """);
    assertThat(resolve("/kubepods/pod1/" + ID))
        .isEqualTo(new ContainerIdentity(ID, "web", "web:1", "web-0", "shop", "containerd"));
  }

  @Test
  void shouldKnowAnyCgroupThatIsCalledAsABundleAndThoseBelow() throws IOException {
    bundle(
        "shop-1",
        "{\"annotations\":{\"dev.interdict.container.name\":\"shop\",\"dev.interdict.container.runtime\":\"demo\"}}");
    ContainerIdentity shop = new ContainerIdentity("shop-1", "shop", null, null, null, "demo");
    assertThat(resolve("/shop-1")).isEqualTo(shop);
    assertThat(resolve("/a/shop-1/worker")).isEqualTo(shop);
    assertThat(resolve("/shop-2")).isNull();
  }

  @Test
  void shouldKnowTheIdThoughTheBundleIsNoJson() throws IOException {
    bundle(ID, "{\"annotations\":");
    assertThat(resolve("/docker/" + ID))
        .isEqualTo(new ContainerIdentity(ID, null, null, null, null, "docker"));
  }
}
