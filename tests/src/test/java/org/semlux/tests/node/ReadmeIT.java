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

/**
 * What the README promises: the quickstart, and the tour of the node that it keeps. A block of the
 * README is run when {@code <!-- executed -->} stands above it; it speaks to {@value #TOUR} and
 * must succeed.
 */
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
  private static final int BM25 = 0;

  private static final int DENSE = 1;
  private static final int SPARSE = 2;
  private static final int FUSION = 3;
  private static final int RERANK = 4;
  private static final int QUESTIONS = 30;

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
    assertThat(lines)
        .filteredOn(line -> line.matches(" +BM25 +dense +sparse +fusion +rerank"))
        .hasSize(4);
    assertThat(lines.stream().dropWhile(line -> !line.isEmpty()))
        .as("the demo, made for a terminal of 100 columns")
        .allMatch(line -> line.length() <= 100);
    assertThat(new Rest(NODE).succeed("GET", "/quickstart/_count", "").at("count")).isEqualTo(330L);
  }

  /**
   * The steps over the sample corpus: what the README says of them, give or take what another CPU
   * computes.
   */
  @Test
  @Order(2)
  void theFiguresOfEachStepAreThoseOfTheReadme() throws IOException {
    Pattern row = Pattern.compile("\\| NDCG@10, the corpus alone((?: \\| \\.[0-9]+){5}) \\|");
    Matcher promised = row.matcher(Files.readString(ROOT.resolve("README.md")));
    assertThat(promised.find()).isTrue();

    double[] expected = numbers(promised.group(1).replace("|", " "));
    double[] found = figures();
    for (int step : new int[] {BM25, DENSE, FUSION}) {
      assertThat(found[step]).isCloseTo(expected[step], within(0.02));
    }
    for (int step : new int[] {SPARSE, RERANK}) {
      assertThat(found[step]).as("trained in this run").isCloseTo(expected[step], within(0.1));
    }
    assertThat(found[FUSION])
        .isGreaterThan(found[BM25])
        .isGreaterThan(found[SPARSE])
        .as("within a question's worth of the dense part: see the README")
        .isGreaterThan(found[DENSE] - 1.0 / QUESTIONS);
  }

  /** The steps' NDCG@10 as the quickstart prints it, in its order. */
  private static double[] figures() {
    String line = printed.lines().filter(it -> it.startsWith("NDCG@10 ")).findFirst().orElseThrow();
    return numbers(line.substring("NDCG@10".length()));
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
