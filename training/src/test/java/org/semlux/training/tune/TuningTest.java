package org.semlux.training.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.semlux.training.data.Gains;
import org.semlux.training.index.Index.Found;

class TuningTest {
  private static final Component DENSE = Component.dense("vector", "m", 20);
  private static final Component WORDS = Component.words("body");
  private static final PrintWriter ERR = new PrintWriter(Writer.nullWriter());

  /**
   * Each finds half of the answers first and the others at the fifth place; noise stands between.
   */
  @Test
  void twoThatFindDifferentAnswersAreFused() {
    List<Found> dense = new ArrayList<>();
    List<Found> words = new ArrayList<>();
    List<Gains> answers = new ArrayList<>();
    for (int query = 0; query < 40; query++) {
      dense.add(ranking("n", query % 2 == 0 ? 0 : 4));
      words.add(ranking("w", query % 2 == 0 ? 4 : 0));
      answers.add(Gains.equal(Set.of("answer")));
    }
    Tuning tuning = Tuning.of(rankings(dense, words), answers, List.of(20, 50), 5, 1, ERR);

    assertThat(tuning.gain().isBetter()).isTrue();
    assertThat(tuning.recommended().components()).containsExactly(DENSE, WORDS);
    assertThat(tuning.gain().mean())
        .isCloseTo(1 - (1 + 1 / (Math.log(6) / Math.log(2))) / 2, within(1e-9));
  }

  /** Words that find nothing but noise: whatever weight looks good by chance is not believed. */
  @Test
  void chanceIsNotRecommended() {
    Random random = new Random(7);
    List<Found> dense = new ArrayList<>();
    List<Found> words = new ArrayList<>();
    List<Gains> answers = new ArrayList<>();
    for (int query = 0; query < 40; query++) {
      dense.add(ranking("n", random.nextInt(6)));
      List<String> noise = new ArrayList<>(ranking("n", random.nextInt(20)).ids());
      Collections.shuffle(noise, random);
      words.add(new Found(noise, ranking("n", 0).scores(), 1));
      answers.add(Gains.equal(Set.of("answer")));
    }
    Tuning tuning = Tuning.of(rankings(dense, words), answers, List.of(20), 5, 1, ERR);

    assertThat(tuning.gain().isBetter()).isFalse();
    assertThat(tuning.recommended().components()).containsExactly(DENSE);
    assertThat(tuning.recommended().toString()).isEqualTo("dense");
  }

  /** As when the numbers of all fusions are looked at together, query by query and fold by fold. */
  @Test
  void whatLeadsInTheEndIsTheFirstOfTheBest() {
    Random random = new Random(11);
    Map<Component, List<Found>> rankings = new LinkedHashMap<>();
    List<Component> components = new ArrayList<>(List.of(DENSE, WORDS));
    components.addAll(Component.sparse("terms", "m").subList(0, 2));
    List<Gains> answers = new ArrayList<>();
    for (Component one : components) {
      rankings.put(one, new ArrayList<>());
      for (int query = 0; query < 23; query++) {
        rankings.get(one).add(ranking("n", random.nextInt(20)));
      }
    }
    for (int query = 0; query < 23; query++) {
      answers.add(new Gains(Map.of("answer", 2.0, "n" + random.nextInt(20), 1.0)));
    }
    List<Fusion> fusions = Fusions.of(components, List.of(20, 25)); // as good as each other
    List<double[]> all = new ArrayList<>();
    for (Fusion fusion : fusions) {
      double[] quality = new double[answers.size()];
      for (int query = 0; query < quality.length; query++) {
        List<Found> some = new ArrayList<>();
        for (Component one : fusion.components()) {
          some.add(rankings.get(one).get(query));
        }
        quality[query] = Tuning.ndcg(fusion.fused(some), answers.get(query));
      }
      all.add(quality);
    }
    List<Integer> every = IntStream.range(0, answers.size()).boxed().toList();
    List<Integer> order = new ArrayList<>(every);
    Collections.shuffle(order, new Random(3));
    double[] judged = new double[answers.size()];
    Set<Integer> chosen = new HashSet<>();
    for (int fold = 0; fold < 4; fold++) {
      List<Integer> choosing = new ArrayList<>();
      for (int i = 0; i < order.size(); i++) {
        if (i % 4 != fold) {
          choosing.add(order.get(i));
        }
      }
      int best = best(all, choosing);
      chosen.add(best);
      every.stream()
          .filter(query -> !choosing.contains(query))
          .forEach(query -> judged[query] = all.get(best)[query]);
    }
    assertThat(chosen).hasSizeGreaterThan(1);

    Tuning tuning = Tuning.of(rankings, answers, List.of(20, 25), 4, 3, ERR);
    int alone = best(all.subList(0, components.size()), every);
    assertThat(tuning.alone()).isEqualTo(fusions.get(alone));
    assertThat(tuning.aloneQuality()).containsExactly(all.get(alone));
    assertThat(tuning.best()).isEqualTo(fusions.get(best(all, every)));
    assertThat(tuning.quality()).containsExactly(judged);
  }

  private static int best(List<double[]> all, List<Integer> queries) {
    int best = 0;
    for (int i = 1; i < all.size(); i++) {
      double more = 0;
      for (int query : queries) {
        more += all.get(i)[query] - all.get(best)[query];
      }
      best = more > 1e-9 ? i : best;
    }
    return best;
  }

  /** Frequent and light terms are dropped in more ways than one, and each power of idf is tried. */
  @Test
  void everySettingOfTermsIsAnother() {
    List<Component> settings = Component.sparse("terms", "m");
    assertThat(settings.stream().map(Component::toString)).doesNotHaveDuplicates().hasSize(20);
    assertThat(settings.stream().map(one -> one.form().retriever("rain").toString()))
        .doesNotHaveDuplicates()
        .contains(
            "{\"standard\":{\"query\":{\"semlux_sparse\":{\"field\":\"terms\",\"model_id\":\"m\","
                + "\"query\":\"rain\",\"prune\":false,\"idf\":0.0}}}}",
            "{\"standard\":{\"query\":{\"semlux_sparse\":{\"field\":\"terms\",\"model_id\":\"m\","
                + "\"query\":\"rain\",\"prune\":true,\"pruning_config\":{\"tokens_freq_ratio_threshold\":2,"
                + "\"tokens_weight_threshold\":0.2},\"idf\":1.0}}}}");
  }

  /** Dense finds the better answer of two, words find the other. */
  @Test
  void theBetterAnswerCountsMore() {
    Gains answers = new Gains(Map.of("good", 3.0, "fair", 1.0));
    double best = 3 + 1 / (Math.log(3) / Math.log(2));

    assertThat(Tuning.ndcg(List.of("good", "n"), answers)).isCloseTo(3 / best, within(1e-9));
    assertThat(Tuning.ndcg(List.of("fair", "n"), answers)).isCloseTo(1 / best, within(1e-9));
  }

  private static Map<Component, List<Found>> rankings(List<Found> dense, List<Found> words) {
    Map<Component, List<Found>> rankings = new LinkedHashMap<>();
    rankings.put(DENSE, dense);
    rankings.put(WORDS, words);
    return rankings;
  }

  private static Found ranking(String noise, int place) {
    List<String> ids = new ArrayList<>();
    double[] scores = new double[20];
    for (int i = 0; i < scores.length; i++) {
      ids.add(i == place ? "answer" : noise + i);
      scores[i] = 1.0 / (i + 1);
    }
    return new Found(ids, scores, 1);
  }
}
