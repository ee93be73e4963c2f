package org.semlux.training.adapt;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.adapt.AdaptationData.Judging;
import org.semlux.training.adapt.AdaptationReport.Hit;
import org.semlux.training.adapt.AdaptationReport.Judged;
import org.semlux.training.card.Task;
import org.semlux.training.mine.Candidates;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.MiningData;
import org.semlux.training.mine.MiningSearch;
import org.semlux.training.mine.TeacherScores;

/**
 * What there was and what there is now, searching for the queries that are judged by: two
 * bi-encoders, alone and fused with BM25; two sparse encoders, and BM25 beside the newer; or two
 * rerankers of what BM25 and a bi-encoder find together, and that order beside the newer. Where the
 * base is no reranker, that order is what the new one is held against.
 *
 * @param retriever the bi-encoder that finds what is reranked
 * @param work what is done lies there
 */
public record SideBySide(Task task, Path retriever, Path work, PrintWriter err) {
  private static final EncoderOptions OPTIONS = EncoderOptions.defaults();

  /** How many of the first are reranked. */
  private static final int RERANKED = 50;

  /**
   * Both on each set of queries, the most telling last.
   *
   * @param seed of the bootstrap
   */
  public AdaptationReport judge(List<Judging> sets, Path base, Path adapted, long seed)
      throws IOException {
    List<Judged> beside = new ArrayList<>();
    List<Judged> alone = new ArrayList<>();
    for (Judging set : sets) {
      MiningData data = set.data();
      String name = set.name();
      List<int[]> words = new Bm25(data.corpus()).find(data.queries(), SearchQuality.LOOKED_AT);
      switch (task) {
        case BI_ENCODER -> {
          List<int[]> before = near(base, data);
          List<int[]> after = near(adapted, data);
          beside.add(
              judged(name + ", fused", set, Fused.of(words, before), Fused.of(words, after)));
          alone.add(judged(name, set, before, after));
        }
        case SPARSE_ENCODER -> {
          List<int[]> before = terms(base, data);
          List<int[]> after = terms(adapted, data);
          beside.add(judged(name + ", beside BM25", set, words, after));
          alone.add(judged(name, set, before, after));
        }
        case CROSS_ENCODER, MULTI_VECTOR_ENCODER -> {
          List<int[]> fused = Fused.of(words, near(retriever, data));
          List<int[]> after = reranked(adapted, data, fused);
          if (ModelFolder.open(base).kind() == task.kind()) {
            beside.add(judged(name + ", beside what is reranked", set, fused, after));
            alone.add(judged(name, set, reranked(base, data, fused), after));
          } else {
            alone.add(judged(name, set, fused, after));
          }
        }
      }
    }
    return new AdaptationReport(alone, beside, seed);
  }

  private static Judged judged(String name, Judging set, List<int[]> before, List<int[]> after) {
    MiningData data = set.data();
    return new Judged(
        name,
        data.queries(),
        set.quality(before),
        set.quality(after),
        first(set, before),
        first(set, after));
  }

  private static List<List<Hit>> first(Judging set, List<int[]> found) {
    MiningData data = set.data();
    return IntStream.range(0, found.size())
        .mapToObj(
            query ->
                Arrays.stream(found.get(query))
                    .limit(Hit.SHOWN)
                    .mapToObj(
                        place ->
                            new Hit(
                                set.ids().get(place),
                                data.corpus().get(place),
                                data.positives().get(query).contains(place)))
                    .toList())
        .toList();
  }

  private List<int[]> near(Path model, MiningData data) throws IOException {
    try (DenseEncoder encoder = DenseEncoder.load(model, OPTIONS)) {
      boolean cosine = BaseSimilarity.of(model).isCosine();
      KeptNumbers kept = KeptNumbers.of(work, model, encoder.info(), OPTIONS.calibration());
      return new MiningSearch(encoder, kept, cosine, err)
          .search(data, SearchQuality.LOOKED_AT).stream().map(Candidates::documents).toList();
    }
  }

  private List<int[]> terms(Path model, MiningData data) throws IOException {
    return new SparseSearch(model, OPTIONS, work, err).search(data, SearchQuality.LOOKED_AT);
  }

  private List<int[]> reranked(Path model, MiningData data, List<int[]> found) throws IOException {
    List<TeacherScores.Asked> asked = new ArrayList<>();
    for (int query = 0; query < found.size(); query++) {
      asked.add(
          new TeacherScores.Asked(
              data.queries().get(query),
              Arrays.stream(found.get(query))
                  .limit(RERANKED)
                  .mapToObj(data.corpus()::get)
                  .toList()));
    }
    List<float[]> scores = new TeacherScores(model, OPTIONS, false, work, err).of(asked);
    return IntStream.range(0, found.size())
        .mapToObj(query -> ordered(found.get(query), scores.get(query)))
        .toList();
  }

  /** By their scores, and behind them those without. */
  private static int[] ordered(int[] found, float[] scores) {
    IntStream first =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer place) -> -scores[place]))
            .mapToInt(place -> found[place]);
    return IntStream.concat(first, Arrays.stream(found).skip(scores.length)).toArray();
  }
}
