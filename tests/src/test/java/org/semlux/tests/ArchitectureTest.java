package org.semlux.tests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.InstanceofCheck;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.Encoding;
import org.semlux.tests.node.OnRealNode;
import org.semlux.tests.node.StartsNodes;

/** The arrows of ARCHITECTURE.md. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("org.semlux");

  @Test
  void encodersKnowNobody() {
    noClasses()
        .that()
        .resideInAPackage("org.semlux.encoders..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.semlux.training..",
            "org.semlux.ingest..",
            "org.semlux.plugin..",
            "org.elasticsearch..",
            "org.apache.lucene..")
        .check(CLASSES);
  }

  @Test
  void trainingKnowsNoNode() {
    noClasses()
        .that()
        .resideInAPackage("org.semlux.training..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.semlux.ingest..",
            "org.semlux.plugin..",
            "org.elasticsearch..",
            "org.apache.lucene..")
        .check(CLASSES);
  }

  @Test
  void theNodeImportsNoTraining() {
    noClasses()
        .that()
        .resideInAnyPackage("org.semlux.ingest..", "org.semlux.plugin..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.semlux.training..", "ai.djl..")
        .check(CLASSES);
  }

  @Test
  void ingestKnowsNoPlugin() {
    noClasses()
        .that()
        .resideInAPackage("org.semlux.ingest..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.semlux.plugin..")
        .check(CLASSES);
  }

  /** Packages of a module, its root's too, stand on each other one way only. */
  @ParameterizedTest
  @ValueSource(strings = {"encoders", "training", "ingest", "plugin"})
  void packagesGoInNoCircle(String module) {
    SliceAssignment packages =
        new SliceAssignment() {
          @Override
          public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().matches("org\\.semlux\\." + module + "(\\..*)?")
                ? SliceIdentifier.of(type.getPackageName())
                : SliceIdentifier.ignore();
          }

          @Override
          public String getDescription() {
            return "packages of " + module;
          }
        };
    slices().assignedFrom(packages).should().beFreeOfCycles().check(CLASSES);
  }

  /** Kinds are sealed: of a switch over them the compiler says where a new one is missing. */
  @Test
  void nobodyAsksForOneKindAlone() {
    assertThat(
            CLASSES.stream()
                .filter(type -> !type.getPackageName().matches("org\\.semlux\\.encoders(\\.api)?"))
                .flatMap(type -> type.getInstanceofChecks().stream())
                .filter(
                    check ->
                        check.getRawType().isAssignableTo(Encoder.class)
                            || check.getRawType().isAssignableTo(Encoding.class))
                .map(InstanceofCheck::toString))
        .isEmpty();
  }

  /**
   * A future keeps to itself what its callback throws: listeners are told by one class alone. What
   * else stands here counts or cancels.
   */
  @Test
  void futuresAnswerListenersInOnePlace() {
    Set<String> callbacks = Set.of("whenComplete", "thenAccept", "thenRun", "handle");
    assertThat(
            CLASSES.stream()
                .filter(
                    type -> type.getPackageName().matches("org\\.semlux\\.(ingest|plugin)(\\..*)?"))
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(
                    call ->
                        call.getTargetOwner().isAssignableTo(CompletionStage.class)
                            && callbacks.contains(call.getName()))
                .map(call -> call.getOriginOwner().getSimpleName())
                .distinct())
        .containsExactlyInAnyOrder(
            "AnsweredOnce",
            "ClusterModels",
            "LoadedModel",
            "LocalModel",
            "Peers",
            "QueryEncodings");
  }

  /** What callers say and hear: the bottom floor. */
  @Test
  void theFloorOfRequestsStandsOnNothing() {
    noClasses()
        .that()
        .resideInAPackage("org.semlux.encoders.api..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.semlux..")
                .and(not(resideInAPackage("org.semlux.encoders.api.."))))
        .check(CLASSES);
  }

  /** Requests, the machinery from its first part to its last, the facade. */
  @Test
  void eachPartOfEncodersKnowsThoseBeforeItAlone() {
    String root = "org.semlux.encoders";
    List<String> parts =
        Stream.of(".api", ".folder", ".program", ".network", ".text", ".batch", ".load", "")
            .map(root::concat)
            .toList();
    assertThat(CLASSES.stream().map(JavaClass::getPackageName))
        .filteredOn(name -> name.equals(root) || name.startsWith(root + "."))
        .hasSameElementsAs(parts);
    for (int i = 0; i < parts.size() - 1; i++) {
      noClasses()
          .that()
          .resideInAPackage(parts.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(parts.subList(i + 1, parts.size()).toArray(String[]::new))
          .check(CLASSES);
    }
  }

  @Test
  void onlyProgramsAndTokenizersTouchNativeLibraries() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.semlux.encoders.batch..",
            "org.semlux.encoders.folder..",
            "org.semlux.encoders.network..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(CLASSES);
  }

  /** One that takes no turn would be a third beside two that fill the machine. */
  @Test
  void integrationTestsTakeTurns() {
    classes()
        .that()
        .haveSimpleNameEndingWith("IT")
        .should()
        .beAnnotatedWith(OnRealNode.class)
        .orShould()
        .beAnnotatedWith(StartsNodes.class)
        .check(new ClassFileImporter().importPackages("org.semlux.tests"));
  }
}
