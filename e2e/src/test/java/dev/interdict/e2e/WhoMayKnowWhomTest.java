package dev.interdict.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

/** The rooms of docs/architecture.md, and which of them may know which. */
@AnalyzeClasses(packages = "dev.interdict", importOptions = ImportOption.DoNotIncludeTests.class)
final class WhoMayKnowWhomTest {
  @ArchTest
  static void roomsKnowOnlyWhatTheyMay(JavaClasses classes) {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.interdict..")
        .layer("schema")
        .definedBy("dev.interdict.schema..")
        .layer("record")
        .definedBy("dev.interdict.record..")
        .layer("bus")
        .definedBy("dev.interdict.bus..")
        .layer("agent")
        .definedBy("dev.interdict.agent..")
        .layer("cep")
        .definedBy("dev.interdict.cep..")
        .layer("storage")
        .definedBy("dev.interdict.storage..")
        .layer("jobs")
        .definedBy("dev.interdict.jobs..")
        .layer("response")
        .definedBy("dev.interdict.response..")
        .layer("cli")
        .definedBy("dev.interdict.cli..")
        .whereLayer("record")
        .mayOnlyBeAccessedByLayers("bus", "agent", "jobs", "response", "storage", "cli")
        .whereLayer("bus")
        .mayOnlyBeAccessedByLayers("agent", "jobs", "response", "cli")
        .whereLayer("cep")
        .mayOnlyBeAccessedByLayers("jobs", "cli")
        .whereLayer("storage")
        .mayOnlyBeAccessedByLayers("jobs", "cli")
        .whereLayer("agent")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("jobs")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("response")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .check(classes);
  }

  @ArchTest
  static void onlyJobsKnowFlink(JavaClasses classes) {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.interdict.jobs..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.flink..")
        .check(classes);
  }

  @ArchTest
  static void onlyTheBusKnowsNetty(JavaClasses classes) {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.interdict.bus..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(classes);
  }

  @ArchTest
  static void onlyTheResponseOperatorKnowsKubernetes(JavaClasses classes) {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.interdict.response..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.fabric8..")
        .check(classes);
  }

  @ArchTest
  static void nativesAreDeclaredInOneClass(JavaClasses classes) {
    methods()
        .that()
        .haveModifier(JavaModifier.NATIVE)
        .should()
        .beDeclaredIn("dev.interdict.agent.kernel.Natives")
        .check(classes);
  }

  @ArchTest
  static void packagesHaveNoCycles(JavaClasses classes) {
    slices().matching("dev.interdict.(*)..").should().beFreeOfCycles().check(classes);
  }
}
