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

  private Path write(String file, String json) throws IOException {
    Path path = bundles.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, json);
  }

  @Test
  void shouldFindContainerdsBundlesBelowItsNamespaces() throws IOException {
    Path tasks = bundles.resolve("io.containerd.runtime.v2.task");
    write(
        "io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json",
        "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"web\"}}");
    ContainerIdentity web = new ContainerResolver(List.of(tasks)).resolve("/any/where/" + ID);
    assertThat(web).isEqualTo(new ContainerIdentity(ID, "web", null, null, null, "containerd"));
  }

  @Test
  void shouldReadDockersNamesBesideContainerdsBundle() throws IOException {
    Path tasks = bundles.resolve("io.containerd.runtime.v2.task");
    write("io.containerd.runtime.v2.task/moby/" + ID + "/config.json", "{\"annotations\":{}}");
    write(
        "docker/" + ID + "/config.v2.json",
        "{\"ID\":\"" + ID + "\",\"Name\":\"/shop\",\"Config\":{\"Image\":\"shop:2\"}}");
    ContainerResolver resolver = new ContainerResolver(List.of(tasks, bundles.resolve("docker")));
    assertThat(resolver.resolve("/system.slice/" + ID))
        .isEqualTo(new ContainerIdentity(ID, "shop", "shop:2", null, null, "docker"));
  }

  @Test
  void shouldReadThoseOfCriOAndPodman() throws IOException {
    Path containers = bundles.resolve("overlay-containers");
    write(
        "overlay-containers/" + ID + "/userdata/config.json",
        """
        {"annotations":{"io.kubernetes.container.name":"web","io.kubernetes.pod.name":"web-0",
          "io.kubernetes.cri-o.ImageName":"web:1","io.kubernetes.pod.namespace":"shop"}}
        """);
    String other = "4e5d".repeat(16);
    write("overlay-containers/" + other + "/userdata/config.json", "{}");
    write(
        "overlay-containers/containers.json",
        "[{\"id\":\"x\"},{\"id\":\"" + other + "\",\"names\":[\"batch\",\"b\"]}]");
    ContainerResolver resolver = new ContainerResolver(List.of(containers));
    assertThat(resolver.resolve("/kubepods.slice/crio-" + ID + ".scope"))
        .isEqualTo(new ContainerIdentity(ID, "web", "web:1", "web-0", "shop", "cri-o"));
    assertThat(resolver.resolve("/machine.slice/" + other))
        .isEqualTo(new ContainerIdentity(other, "batch", null, null, null, "podman"));
  }

  @Test
  void shouldTellWhichMountsAreSensitive() {
    for (String source :
        List.of(
            "/", "/etc", "/etc/kubernetes/", "/run/containerd/containerd.sock", "/proc", "/var")) {
      assertThat(Bundle.isSensitive(source)).as(source).isTrue();
    }
    for (String source :
        List.of(
            "/srv/data",
            "/etc/hosts",
            "/var/lib/kubelet/pods/1/volumes/x",
            "/usr/share/zoneinfo",
            "/etcetera")) {
      assertThat(Bundle.isSensitive(source)).as(source).isFalse();
    }
  }
}
