package org.semlux.training.adapt;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.encoders.api.InputType;
import org.semlux.training.adapt.AdaptationData.Pair;
import org.semlux.training.mine.MiningSearch;
import org.semlux.training.mine.NearestDocuments;
import org.semlux.training.run.Progress;

/**
 * The corpus searched by words and by meaning: for what pairs are to be told from, and for answers
 * of queries that have none.
 *
 * @param documents vectors of the corpus
 * @param seed of what is drawn
 */
record PairSearch(
    AdaptationData data,
    MiningSearch base,
    WordSearch words,
    float[][] documents,
    long seed,
    PrintWriter err) {
  /** Of each search. Most of the first are too near. */
  private static final int CANDIDATES = 50;

  /** Queries whose candidates are held at once. */
  private static final int BLOCK = 2048;

  /** How many of the first a document is among, by words and by meaning, to count as an answer. */
  private static final int AGREED = 3;

  static PairSearch of(
      AdaptationData data, MiningSearch base, WordSearch words, long seed, PrintWriter err)
      throws IOException {
    List<String> texts = data.corpus().stream().map(Document::text).toList();
    return new PairSearch(data, base, words, base.vectors(texts, InputType.DOCUMENT), seed, err);
  }

  /**
   * Of each pair the documents that it is to be told from.
   *
   * @param agreed pairs beside those of the data, whose documents answer as well
   * @param count of each pair; fewer where nearly every document answers
   * @param relativeMargin see {@link MixedNegatives}; where empty, {@link DrawnDocuments}
   * @return places in the corpus
   */
  List<List<Integer>> negatives(
      List<Pair> pairs, List<Pair> agreed, int count, OptionalDouble relativeMargin)
      throws IOException {
    KnownPairs known = KnownPairs.of(Stream.concat(data.pairs().stream(), agreed.stream()));
    List<List<Integer>> all = new ArrayList<>();
    try (Progress progress = new Progress(err, "Mining", Progress.Unit.PAIRS, pairs.size())) {
      for (int first = 0; first < pairs.size(); first += BLOCK) {
        List<Pair> some = pairs.subList(first, Math.min(first + BLOCK, pairs.size()));
        all.addAll(block(some, known, count, relativeMargin));
        progress.step(some.size());
      }
    }
    return all;
  }

  private List<List<Integer>> block(
      List<Pair> pairs, KnownPairs known, int count, OptionalDouble relativeMargin)
      throws IOException {
    List<String> asked = pairs.stream().map(Pair::query).toList();
    float[][] queries = base.vectors(asked, InputType.QUERY);
    List<NearestDocuments.Nearest> near =
        new NearestDocuments(queries, documents, CANDIDATES).search(done -> {});
    List<int[]> worded = words.find(asked, CANDIDATES);
    if (relativeMargin.isEmpty()) {
      DrawnDocuments drawn = new DrawnDocuments(count, documents.length, seed);
      return IntStream.range(0, pairs.size())
          .mapToObj(
              i ->
                  drawn.of(
                      pairs.get(i).document(),
                      known.answers(asked.get(i)),
                      near.get(i).documents(),
                      worded.get(i)))
          .toList();
    }
    float[][] answers = answers(pairs);
    MixedNegatives mixed = new MixedNegatives(count, relativeMargin.getAsDouble(), documents, seed);
    return IntStream.range(0, pairs.size())
        .mapToObj(
            i ->
                mixed.of(
                    queries[i],
                    answers[i],
                    pairs.get(i).document(),
                    known.answers(asked.get(i)),
                    near.get(i),
                    worded.get(i)))
        .toList();
  }

  /**
   * Answers that are no whole document are encoded: with the words that ask in it the document
   * would be nearer to the query than its answer is, and let through what may answer too.
   */
  private float[][] answers(List<Pair> pairs) throws IOException {
    List<Pair> apart =
        pairs.stream()
            .filter(
                pair -> !pair.answer().equals(data.corpus().get(pair.document()).text().strip()))
            .toList();
    Iterator<float[]> encoded =
        Arrays.asList(base.vectors(apart.stream().map(Pair::answer).toList(), InputType.DOCUMENT))
            .iterator();
    Set<Pair> own = new HashSet<>(apart);
    return pairs.stream()
        .map(pair -> own.contains(pair) ? encoded.next() : documents[pair.document()])
        .toArray(float[][]::new);
  }

  /** Where words and meaning agree on a document, it counts as the answer of a query. */
  List<Pair> agreed(List<String> unanswered) throws IOException {
    Set<String> judged = data.judgedQueries();
    List<String> queries =
        unanswered.stream().filter(query -> !judged.contains(KnownPairs.folded(query))).toList();
    if (queries.isEmpty()) {
      return List.of();
    }
    List<NearestDocuments.Nearest> near =
        new NearestDocuments(base.vectors(queries, InputType.QUERY), documents, AGREED)
            .search(done -> {});
    List<int[]> worded = words.find(queries, AGREED);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      List<Integer> found =
          Arrays.stream(worded.get(i)).limit(AGREED).boxed().collect(Collectors.toList());
      for (int document : near.get(i).documents()) {
        if (found.contains(document)) {
          String answer = PairMaker.passage(data.corpus().get(document).text());
          pairs.add(new Pair(queries.get(i), answer, document, false));
          break;
        }
      }
    }
    err.printf(
        Locale.ROOT,
        "%,d of %,d queries found a document that words and meaning agree on%n",
        pairs.size(),
        queries.size());
    return pairs;
  }
}
