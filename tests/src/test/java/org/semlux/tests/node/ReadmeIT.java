package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the README promises: the quickstart, and the tour of the node that it keeps. A block of the
 * README is run when {@code <!-- executed -->} stands above it; it speaks to {@value #TOUR} and
 * must succeed.
 */
@StartsNodes
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadmeIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String QUICKSTART = ROOT.resolve("plugin/quickstart.sh").toString();
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- executed -->\\s*```sh\\n(.*?)```", Pattern.DOTALL);

  /** An answer that is an error ends the snippet, though curl is asked for silence. */
  private static final String STRICT =
      "set -euo pipefail; curl() { command curl --fail-with-body \"$@\"; }\n";

  /** Not the folder of a user's own quickstart, which may be running. */
  private static final String FOLDER = ROOT.resolve("tests/target/quickstart").toString();

  private static final Shell SHELL = new Shell(ROOT, "SEMLUX_NODE_FOLDER", FOLDER);

  private static final int PORT = RealNode.freePort();
  private static final URI NODE = URI.create("http://127.0.0.1:" + PORT);
  private static String printed;

  /** The steps in the order of the quickstart's table. */
  private static final int DENSE = 1;

  private static final int SPARSE = 2;
  private static final int FUSION = 3;

  @BeforeAll
  static void quickstart() {
    SHELL.run(QUICKSTART, "--stop"); // one that an interrupted run left
    SHELL.run("rm", "-rf", FOLDER + "/data");
    printed = SHELL.run(QUICKSTART, "--keep", "--port", String.valueOf(PORT));
  }

  @AfterAll
  static void stop() {
    SHELL.run(QUICKSTART, "--stop");
  }

  @Test
  @Order(1)
  void showsFourQuestionsAndKeepsTheNode() {
    List<String> lines = printed.lines().toList();
    assertThat(lines).last().isEqualTo("Node: " + NODE);
    assertThat(lines).filteredOn(line -> line.matches(" +BM25 +dense")).hasSize(4 + 1);
    assertThat(lines)
        .filteredOn(line -> line.matches(" +BM25 +dense +sparse +fusion"))
        .hasSize(4 + 1);
    assertThat(lines.stream().dropWhile(line -> !line.isEmpty()))
        .as("the demo, made for a terminal of 100 columns")
        .allMatch(line -> line.length() <= 100);
    assertThat(new Rest(NODE).succeed("GET", "/quickstart/_count", "").at("count")).isEqualTo(330L);
  }

  @Test
  @Order(1)
  void denseSearchComesFirst() {
    assertThat(printed)
        .containsPattern(
            "(?s)BM25 +dense\\n.*That was [0-9]+ s after the build.*Deploying minilm-sparse"
                + ".*All of it took [0-9]+ s after the build");
  }

  /**
   * The steps over the sample corpus: what docs/measurements.md says of them, give or take what
   * another CPU computes.
   */
  @ParameterizedTest
  @Order(2)
  @ValueSource(strings = {"30 paraphrased", "30 everyday", "60 in all"})
  void theFiguresOfEachStepAreThoseMeasured(String questions) throws IOException {
    String title = "NDCG@10, " + questions;
    Pattern row = Pattern.compile("\\| " + title + "((?: \\| \\.[0-9]+){4}) \\|");
    Matcher promised = row.matcher(Files.readString(ROOT.resolve("docs/measurements.md")));
    assertThat(promised.find()).isTrue();

    double[] expected = numbers(promised.group(1).replace("|", " "));
    double[] found = figures(title);
    assertThat(found).containsExactly(expected, within(0.02));
  }

  @Test
  @Order(2)
  void fusionIsAtLeastAsGoodAsItsBestPart() {
    double[] found = figures("NDCG@10, 60 in all");
    // Half of what one rank makes: CPUs round differently.
    assertThat(found[FUSION]).isGreaterThan(Math.max(found[DENSE], found[SPARSE]) - 0.002);
  }

  /** A row of the quickstart's last table, in the order of its columns. */
  private static double[] figures(String title) {
    return numbers(
        printed
            .lines()
            .filter(line -> line.startsWith(title + " "))
            .reduce((earlier, later) -> later)
            .orElseThrow()
            .substring(title.length()));
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.trim().split(" +")).mapToDouble(Double::parseDouble).toArray();
  }

  @TestFactory
  @Order(3)
  Stream<DynamicTest> snippets() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    List<String> snippets = SNIPPET.matcher(readme).results().map(found -> found.group(1)).toList();
    assertThat(snippets).as("executed blocks of README.md").isNotEmpty();
    return snippets.stream()
        .map(
            snippet ->
                DynamicTest.dynamicTest(
                    snippet.lines().findFirst().orElse(""), () -> runSnippet(snippet)));
  }

  private static void runSnippet(String snippet) {
    Shell shell = new Shell(ROOT, "NODE", NODE.toString());
    assertThat(shell.run("bash", "-c", STRICT + snippet)).doesNotContain("\"errors\":true");
  }

  @Test
  @Order(4)
  void aTakenPortIsOneSentence() {
    Shell other =
        new Shell(ROOT, "SEMLUX_NODE_FOLDER", ROOT.resolve("tests/target/second").toString());
    assertThatThrownBy(() -> other.run(QUICKSTART, "--port", String.valueOf(PORT)))
        .hasMessageContaining(
            "node.sh: port " + PORT + " is taken: choose another with --port, or end what listens");
  }
}
