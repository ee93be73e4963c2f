package org.semlux.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

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
}
