package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Random mappings, {@code _source} settings and documents: whatever a search found before a run it
 * finds after it, or the run is refused and nothing was written; and a second run finds nothing to
 * do but what cannot be done. {@code -Dsemlux.reencode.cases=1000} tries more, from the same seeds.
 */
@OnRealNode
class ReencodePropertyIT {
  private static final int CASES = Integer.getInteger("semlux.reencode.cases", 50);

  @Test
  void nothingIsLost(RealNode node) {
    Reencoded.deploy(node);
    node.deploy(RealNode.golden("sparse-bert"), "splade");
    Map<String, Integer> outcomes = new LinkedHashMap<>();
    for (int seed = 0; seed < CASES; seed++) {
      outcomes.merge(run(node, new RandomIndex(seed)), 1, Integer::sum);
    }
    System.out.println("re-encoded random indices: " + outcomes);
    assertThat(outcomes.keySet()).as("both are tried").contains("refused", "written");
  }

  @AfterAll
  static void clean(RealNode node) {
    Reencoded.clean(node, "exact", "splade");
  }

  private static String run(RealNode node, RandomIndex made) {
    node.rest().succeed("PUT", "/_ingest/pipeline/" + Reencoded.PIPELINE, made.pipeline());
    Reencoded index = new Reencoded(node, "random", made.index());
    index.index(false, made.documents());
    index.encode(made.encoded());
    made.updates().entrySet().removeIf(one -> !index.updates(one.getKey(), one.getValue()));
    List<List<String>> before = made.queries().stream().map(index::hits).toList();
    List<String> versions = index.versions();

    Rest.Answer first = index.run(",\"batch_size\":3");

    List<List<String>> after = made.queries().stream().map(index::hits).toList();
    for (int i = 0; i < before.size(); i++) {
      assertThat(after.get(i)).as("%s: %s", made, made.queries().get(i)).isEqualTo(before.get(i));
    }
    if (first.status() != 200) {
      assertThat(first.status()).as("%s: %s", made, first).isEqualTo(400);
      assertThat(index.versions()).as("%s", made).isEqualTo(versions);
      return "refused";
    }
    assertThat(index.hits("{\"exists\":{\"field\":\"vector\"}}"))
        .as("%s: %s", made, first)
        .containsAll(first.at("failed").equals(0L) ? made.withText() : List.of());
    assertThat(index.run().at("total"))
        .as("%s: what is left after %s", made, first)
        .isEqualTo(first.at("failed"));
    return "written";
  }
}
