package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code semlux tune} where words find one half of the answers and vectors the other. */
@ExtendWith(RealNode.Extension.class)
class TuneIT {
  private static final String[] WORDS =
      "river rain sea snow wind bread soup rice salt train bike road map ship music".split(" ");
  private static final int QUERIES = 40;

  @TempDir Path folder;

  @BeforeEach
  void prepare(RealNode node) throws IOException {
    node.deploy(RealNode.MODEL, "base");
    node.rest()
        .succeed(
            "PUT",
            "/tuned",
            """
            {"mappings":{"properties":{"body":{"type":"text"},
              "vector":{"type":"dense_vector","dims":32}}}}""");
    List<Object> lines = new ArrayList<>();
    List<String> queries = new ArrayList<>();
    List<String> judgements = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      String query = WORDS[i % WORDS.length] + " " + WORDS[i * 7 / WORDS.length % WORDS.length] + i;
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(
          i % 2 == 0
              ? Map.of("body", query)
              : Map.of("body", "nothing", "vector", vector(node.rest(), query)));
      queries.add("q" + i + "\t" + query);
      judgements.add("q" + i + "\t" + i + "\t1");
    }
    Files.write(folder.resolve("queries.tsv"), queries);
    Files.write(folder.resolve("qrels.tsv"), judgements);
    assertThat(
            node.rest()
                .succeed("POST", "/tuned/_bulk?refresh=true", Rest.lines(lines))
                .at("errors"))
        .isEqualTo(false);
  }

  private static Object vector(Rest rest, String query) {
    return rest.succeed(
            "POST",
            "/_semlux/models/base/_encode",
            "{\"texts\":[\"" + query + "\"],\"input_type\":\"query\"}")
        .at("embeddings.0");
  }

  @AfterEach
  void clean(RealNode node) {
    node.rest().call("DELETE", "/tuned", "");
    node.rest().call("DELETE", "/_semlux/models/base?force=true", "");
  }

  /** The first window that is tried is the smallest, and no search asks a retriever for more. */
  @Test
  void aFusionIsRecommendedAndSearchedWith(RealNode node) {
    String printed =
        new Shell(folder)
            .run(
                node.command().toAbsolutePath().toString(),
                "tune",
                "--from",
                node.rest().url().toString(),
                "--index",
                "tuned",
                "--field",
                "body",
                "--dense-field",
                "vector",
                "--dense-model",
                "base",
                "--queries",
                "queries.tsv",
                "--qrels",
                "qrels.tsv");

    assertThat(printed)
        .contains("Fusion is better", "\"semlux_fusion\"", "\"rank_window_size\": 20")
        .containsPattern("\"weights\"[^}]*\\}[^S]*Searched once more with it: ndcg@10 [01]\\.");
  }
}
