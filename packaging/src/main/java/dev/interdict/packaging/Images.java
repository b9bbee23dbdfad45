package dev.interdict.packaging;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Layers from the bottom, that which changes least first: C library, Java runtime, libraries of
 * others, this project. Both images have the first two in common.
 */
@Command(
    name = "images",
    description = "Build the images of agent and servers as tars that any runtime loads.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict images",
      "  interdict images --base gcr.io/distroless/cc-debian12 --tag registry.example/interdict/%s:1.0",
      "  ctr -n k8s.io images import target/images/interdict-agent.tar",
      "",
      "The same sources, JDK and base give the same bytes."
    })
public final class Images implements Callable<Integer> {
  private static final AbsoluteUnixPath HOME = AbsoluteUnixPath.get("/opt/interdict");
  private static final AbsoluteUnixPath JAVA = AbsoluteUnixPath.get("/opt/java");
  private static final FilePermissions RUNNABLE = FilePermissions.fromOctalString("755");
  private static final FilePermissions EVERYONES = FilePermissions.fromOctalString("777");
  private static final int USER = 65532; // as in distroless images

  /** As the launcher sets it: the C library gives back what it can. */
  private static final Map<String, String> SMALL =
      new TreeMap<>(
          Map.of(
              "MALLOC_ARENA_MAX", "1",
              "MALLOC_MMAP_THRESHOLD_", "65536",
              "MALLOC_TRIM_THRESHOLD_", "65536",
              "MALLOC_TOP_PAD_", "0"));

  @Option(
      names = "--base",
      paramLabel = "IMAGE",
      description =
          "With glibc, as old as this machine's or newer; a name in a registry, or tar://FILE"
              + " (default: nothing but this machine's C library).")
  private String base;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Default: target/images of the checkout.")
  private Path output;

  @Option(
      names = "--tag",
      paramLabel = "NAME:TAG",
      defaultValue = "localhost/%s:0.1.0",
      description = "%%s stands for interdict-agent or interdict (default: localhost/%%s:0.1.0).")
  private String tag;

  @Option(
      names = "--top",
      paramLabel = "DIR",
      defaultValue = ".",
      hidden = true,
      description = "The source checkout.")
  private Path top;

  private Checkout checkout;
  private Path work;
  private Path runtime;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Images()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (!tag.contains("%s") || !tag.contains(":")) {
      throw new CommandLine.ParameterException(
          new CommandLine(this), "invalid --tag=" + tag + " expected a name with %s and a :TAG");
    }
    checkout = new Checkout(top);
    output = output == null ? top.resolve("target/images") : output;
    Files.createDirectories(output);
    work = Files.createTempDirectory(output, ".work");
    try {
      runtime = work.resolve("java");
      RuntimeImage.make(runtime);
      pack("interdict-agent", checkout.agentJars(), "agent", "0", SMALL);
      pack("interdict", checkout.serverJars(), "default", "" + USER, Map.of());
    } finally {
      Trees.delete(work);
    }
    return 0;
  }

  private void pack(
      String name, List<Path> jars, String options, String user, Map<String, String> environment)
      throws Exception {
    Path file = output.resolve(name + ".tar");
    JibContainerBuilder builder = base == null ? bare() : Jib.from(base);
    builder.addFileEntriesLayer(tree("java", runtime, JAVA));
    FileEntriesLayer.Builder others = FileEntriesLayer.builder().setName("libraries");
    FileEntriesLayer.Builder own = FileEntriesLayer.builder().setName("interdict");
    for (Path jar : jars) {
      String plain = jar.getFileName().toString();
      (plain.startsWith("interdict-") ? own : others)
          .addEntry(jar, HOME.resolve("lib").resolve(plain));
    }
    Path list = work.resolve(name + ".classpath");
    Files.writeString(list, Checkout.classpath(jars, HOME + "/lib"), StandardCharsets.UTF_8);
    own.addEntry(list, HOME.resolve("classpath"));
    for (Path each : checkout.jvmOptions()) {
      own.addEntry(each, HOME.resolve("jvm").resolve(each.getFileName().toString()));
    }
    own.addEntry(checkout.license(), HOME.resolve("LICENSE"));
    JibContainer container =
        builder
            .addFileEntriesLayer(others.build())
            .addFileEntriesLayer(own.build())
            .setEntrypoint(
                JAVA + "/bin/java",
                "@" + HOME + "/classpath",
                "@" + HOME + "/jvm/opens",
                "@" + HOME + "/jvm/" + options,
                "dev.interdict.cli.Interdict")
            .setUser(user)
            .setEnvironment(environment)
            .addEnvironmentVariable("PATH", JAVA + "/bin:/usr/bin:/bin")
            .addEnvironmentVariable("LC_ALL", "C.UTF-8")
            .addLabel("org.opencontainers.image.title", name)
            .addLabel("org.opencontainers.image.licenses", "Apache-2.0")
            .setCreationTime(Instant.EPOCH)
            .setFormat(ImageFormat.OCI)
            .containerize(
                Containerizer.to(TarImage.at(file).named(reference(name)))
                    .setBaseImageLayersCache(work.resolve("base"))
                    .setApplicationLayersCache(work.resolve("layers"))
                    .setOfflineMode(base == null)
                    .setToolName("interdict"));
    System.out.printf(
        "%s  %s  %.1f MiB  %s%n",
        file, reference(name), Files.size(file) / 1048576.0, container.getDigest());
  }

  private String reference(String name) {
    return tag.replace("%s", name);
  }

  private JibContainerBuilder bare()
      throws InvalidImageReferenceException, IOException, InterruptedException {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("system");
    for (Path library : SystemLibraries.neededBy(runtime)) {
      layer.addEntry(library.toRealPath(), AbsoluteUnixPath.get(library.toString()), RUNNABLE);
    }
    Map<String, String> files =
        Map.of(
            "passwd",
            "root:x:0:0:root:/root:/sbin/nologin\ninterdict:x:%d:%d:interdict:/tmp:/sbin/nologin\n"
                .formatted(USER, USER),
            "group",
            "root:x:0:\ninterdict:x:%d:\n".formatted(USER),
            "nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files dns\n");
    for (Map.Entry<String, String> each : files.entrySet()) {
      Path file = work.resolve(each.getKey());
      Files.writeString(file, each.getValue(), StandardCharsets.US_ASCII);
      layer.addEntry(file, AbsoluteUnixPath.get("/etc").resolve(each.getKey()));
    }
    layer.addEntry(
        Files.createDirectories(work.resolve("tmp")), AbsoluteUnixPath.get("/tmp"), EVERYONES);
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    return Jib.fromScratch()
        .setPlatforms(Set.of(new Platform(architecture, "linux")))
        .addFileEntriesLayer(layer.build());
  }

  private static FileEntriesLayer tree(String name, Path from, AbsoluteUnixPath to)
      throws IOException {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    for (Path file : Trees.files(from)) {
      AbsoluteUnixPath place = to.resolve(from.relativize(file).toString());
      if (Files.isExecutable(file)) {
        layer.addEntry(file.toRealPath(), place, RUNNABLE);
      } else {
        layer.addEntry(file.toRealPath(), place);
      }
    }
    return layer.build();
  }
}
