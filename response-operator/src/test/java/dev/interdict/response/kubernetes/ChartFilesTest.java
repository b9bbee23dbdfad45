package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.response.StepKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the chart has of this code is what the code says. {@code ./interdict test response-operator
 * -- -Dtest=ChartFilesTest -Dinterdict.docs=write} writes it anew.
 */
final class ChartFilesTest {
  private static final Path FILES = Path.of("../helm/interdict/files");

  @ParameterizedTest
  @ValueSource(classes = {ResponsePolicy.class, Containment.class, ResponseStop.class})
  void shouldShipTheDefinitionOfEachResource(
      Class<? extends HasMetadata> resource, @TempDir Path out) throws IOException {
    new CRDGenerator()
        .customResourceClasses(resource)
        .forCRDVersions("v1")
        .inOutputDir(out.toFile())
        .generate();
    List<Path> made;
    try (var files = Files.list(out)) {
      made = files.toList();
    }
    assertThat(made).hasSize(1);
    CustomResourceDefinition definition =
        Serialization.unmarshal(Files.readString(made.get(0)), CustomResourceDefinition.class);
    definition.getSpec().getVersions().forEach(version -> inOrder(version, resource));
    String text = Serialization.asYaml(definition).replaceFirst("^---\n", "");
    String name = resource.getSimpleName().toLowerCase(Locale.ROOT) + ".yaml";
    check(FILES.resolve("crds").resolve(name), text);
  }

  /** The generator sorts the columns by their paths. */
  private static void inOrder(CustomResourceDefinitionVersion version, Class<?> resource) {
    List<String> names = new ArrayList<>();
    for (AdditionalPrinterColumn each :
        resource.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      names.add(each.name());
    }
    List<CustomResourceColumnDefinition> columns =
        new ArrayList<>(version.getAdditionalPrinterColumns());
    columns.sort(Comparator.comparingInt(column -> names.indexOf(column.getName())));
    assertThat(columns).extracting(CustomResourceColumnDefinition::getName).isEqualTo(names);
    version.setAdditionalPrinterColumns(columns);
  }

  @Test
  void shouldGrantWhatStepsNeed() throws IOException {
    StringBuilder text =
        new StringBuilder("# Generated from the code: what the responder's account may do.\n");
    rules(text, "always", Permission.ALWAYS, "");
    rules(text, "own", Permission.OWN, "");
    text.append("steps:\n");
    for (StepKind kind : StepKind.values()) {
      if (kind.place() == StepKind.Place.ORCHESTRATOR) {
        rules(text, kind.text(), Permission.of(kind), "  ");
      }
    }
    check(FILES.resolve("permissions.yaml"), text.toString());
  }

  private static void rules(
      StringBuilder text, String name, List<Permission> permissions, String indent) {
    Map<String, Set<String>> verbs = new LinkedHashMap<>();
    for (Permission each : permissions) {
      verbs
          .computeIfAbsent(
              "apiGroups: [\"%s\"], resources: [%s]".formatted(each.group(), each.resource()),
              key -> new TreeSet<>())
          .add(each.verb());
    }
    text.append(indent).append(name).append(":\n");
    verbs.forEach(
        (what, which) ->
            text.append(indent)
                .append("  - {")
                .append(what)
                .append(", verbs: ")
                .append(which)
                .append("}\n"));
  }

  private static void check(Path file, String text) throws IOException {
    if ("write".equals(System.getProperty("interdict.docs"))) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).hasContent(text);
  }
}
