package org.semlux.plugin.retriever;

import org.elasticsearch.search.rank.RankDoc;

/**
 * An order of documents as Elasticsearch keeps it: by their scores alone, which it merges over all
 * shards again.
 */
final class Ranking {
  private Ranking() {}

  /**
   * Ranks documents by their place. Where a score does not say so, since it equals the next
   * document's or is none, it is lifted to the next larger float: so ties come out as they were
   * put, on every page, and in every shard.
   *
   * @param docs best first, with scores that do not rise and are 0 or more; changed in place
   */
  static void number(RankDoc[] docs) {
    float below = 0;
    for (int i = docs.length - 1; i >= 0; i--) {
      docs[i].rank = i + 1;
      docs[i].score = Math.max(docs[i].score, Math.nextUp(below));
      below = docs[i].score;
    }
  }

  /** Whether the scores of a list differ by no more than {@link #number} lifts ties. */
  static boolean areTies(double lowest, double highest, int count) {
    return highest - lowest <= (count - 1) * (double) Math.ulp((float) highest);
  }
}
