package org.semlux.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of ARCHITECTURE.md. */
@AnalyzeClasses(packages = "org.semlux", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ENCODERS_KNOW_NOBODY =
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
              "org.apache.lucene..");

  @ArchTest
  static final ArchRule TRAINING_KNOWS_NO_NODE =
      noClasses()
          .that()
          .resideInAPackage("org.semlux.training..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.semlux.ingest..",
              "org.semlux.plugin..",
              "org.elasticsearch..",
              "org.apache.lucene..");

  @ArchTest
  static final ArchRule THE_NODE_IMPORTS_NO_TRAINING =
      noClasses()
          .that()
          .resideInAnyPackage("org.semlux.ingest..", "org.semlux.plugin..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.semlux.training..", "ai.djl..");

  @ArchTest
  static final ArchRule INGEST_KNOWS_NO_PLUGIN =
      noClasses()
          .that()
          .resideInAPackage("org.semlux.ingest..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.semlux.plugin..");

  @ArchTest
  static final ArchRule ONLY_PROGRAMS_AND_TOKENIZERS_TOUCH_NATIVE_LIBRARIES =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.semlux.encoders.batch..",
              "org.semlux.encoders.folder..",
              "org.semlux.encoders.network..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");
}
