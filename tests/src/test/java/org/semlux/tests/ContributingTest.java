package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages for those who change Semlux name tests that are there, in the modules that they name. */
class ContributingTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final List<String> MODULES =
      List.of("encoders", "training", "ingest", "plugin", "tests");
  private static final Pattern TEST = Pattern.compile("\\b[A-Z][A-Za-z0-9]+(Tests?|[a-z0-9]IT)\\b");
  private static final Pattern COMMAND =
      Pattern.compile("-pl (?<module>[a-z]+) .*?-D(it\\.)?test='?(?!NONE)(?<tests>[\\w,]+)");

  @ParameterizedTest
  @ValueSource(strings = {"CONTRIBUTING.md", "docs/add-an-architecture.md", "tests/README.md"})
  void testsAreWhereThePageSays(String name) throws IOException {
    String page = Files.readString(ROOT.resolve(name)).replace("-DskipTests", "");
    assertThat(TEST.matcher(page).results().map(MatchResult::group)).isSubsetOf(tests(MODULES));
    assertThat(COMMAND.matcher(page).results())
        .isNotEmpty()
        .allSatisfy(
            command ->
                assertThat(tests(modules(command))).contains(command.group("tests").split(",")));
  }

  /** The walk through an architecture shows the class as it is. */
  @Test
  void theClassOfTheWalkIsWhole() throws IOException {
    String source =
        Files.readString(
            ROOT.resolve("encoders/src/main/java/org/semlux/encoders/network/Electra.java"));
    assertThat(Files.readString(ROOT.resolve("docs/add-an-architecture.md")))
        .contains("```java\n" + source.substring(source.indexOf("final class")) + "```\n");
  }

  /** With {@code -am} those that the module stands on, too. */
  private static List<String> modules(MatchResult command) {
    return command.group().contains(" -am ") ? MODULES : List.of(command.group("module"));
  }

  private static Set<String> tests(List<String> modules) throws IOException {
    Set<String> names = new HashSet<>();
    for (String module : modules) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        files.forEach(file -> names.add(file.getFileName().toString().replace(".java", "")));
      }
    }
    return names;
  }
}
