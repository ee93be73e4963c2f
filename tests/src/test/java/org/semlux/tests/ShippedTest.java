package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A node gets what something in it loads: the rest of {@code encoders} would be weight alone. */
class ShippedTest {
  private static final Path ENCODERS = Path.of("../encoders/src/main");

  @Test
  void everyFragmentIsNamedInCode() throws IOException {
    String code = String.join("\n", texts(ENCODERS.resolve("java"), ".java"));
    List<String> fragments;
    try (Stream<Path> files = Files.walk(ENCODERS.resolve("resources"))) {
      fragments =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".torchscript"))
              .map(name -> name.replace(".torchscript", ""))
              .toList();
    }
    assertThat(fragments)
        .isNotEmpty()
        .allSatisfy(name -> assertThat(code).as(name).contains("\"" + name + "\""));
  }

  private static List<String> texts(Path folder, String end) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(end)).map(ShippedTest::text).toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What only the command line needs belongs into {@code training}. */
  @Test
  void everyClassIsReachedFromTheNode() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackages("org.semlux.encoders", "org.semlux.ingest", "org.semlux.plugin");
    Deque<JavaClass> left = new ArrayDeque<>();
    Set<JavaClass> reached = new HashSet<>();
    classes.stream().filter(type -> !isOfEncoders(type)).forEach(left::add);
    while (!left.isEmpty()) {
      JavaClass type = left.poll();
      if (reached.add(type)) {
        type.getDirectDependenciesFromSelf().stream()
            .map(Dependency::getTargetClass)
            .filter(ShippedTest::isOfEncoders)
            .forEach(left::add);
      }
    }
    // The compiler makes tables of switches, and puts constants where they are used.
    assertThat(
            classes.stream()
                .filter(ShippedTest::isOfEncoders)
                .filter(type -> !type.isAnonymousClass() && !type.getMethods().isEmpty())
                .filter(type -> !reached.contains(type))
                .map(JavaClass::getName))
        .isEmpty();
    assertThat(reached).anyMatch(ShippedTest::isOfEncoders);
  }

  private static boolean isOfEncoders(JavaClass type) {
    return type.getPackageName().startsWith("org.semlux.encoders");
  }
}
