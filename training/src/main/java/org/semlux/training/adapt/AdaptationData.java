package org.semlux.training.adapt;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.training.data.Gains;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.mine.MiningData;

/**
 * Documents parted into those that a model learns from and those that it is judged by, which it
 * never sees while it learns.
 *
 * {@snippet lang=java :
 * DocumentSample sample = new DocumentSample(10_000, Set.of(), 42);
 * new Documents("text", "title").read(Path.of("corpus.jsonl.gz"), sample);
 * var shares = new AdaptationData.Shares(.1, 500, OptionalInt.empty(), 50_000);
 * PrintWriter err = new PrintWriter(System.err, true);
 * AdaptationData data =
 *     AdaptationData.of(sample.documents(), KnownAnswers.NONE, shares, 42, err);
 * data.training(); // pairs of a query and its answer
 * }
 *
 * @param training pairs of a query and its answer; none asks what is judged by
 * @param pairs all that are known, of which {@code training} is a part
 * @param corpus what is searched for negatives: all documents but those held out
 * @param judging what both models are judged by, the most telling last
 */
public record AdaptationData(
    List<Pair> training, List<Pair> pairs, List<Document> corpus, List<Judging> judging) {
  /** Queries that tell anything. */
  static final int FEWEST = 20;

  /**
   * What is learnt from.
   *
   * @param document place in the corpus of the one that answers
   * @param opened whether people opened it for this query; else it is made of the document
   */
  public record Pair(String query, String answer, int document, boolean opened) {}

  /**
   * Queries with known answers, and all that is searched for them.
   *
   * @param name {@code held-out}: made of documents; {@code clicks}; {@code judged}
   * @param ids of the documents that are searched, in the order of their texts
   * @param gains how good the positives of each query are, in their order
   */
  public record Judging(String name, MiningData data, List<String> ids, List<double[]> gains) {
    /** Of answers that nobody tells apart. */
    Judging(String name, MiningData data, List<String> ids) {
      this(
          name,
          data,
          ids,
          data.positives().stream()
              .map(places -> places.stream().mapToDouble(place -> 1).toArray())
              .toList());
    }

    /** How well the queries found their answers, of the documents found for each, best first. */
    SearchQuality quality(List<int[]> found) {
      List<double[]> all = new ArrayList<>();
      for (int query = 0; query < gains.size(); query++) {
        List<Integer> positives = data.positives().get(query);
        double[] own = gains.get(query);
        all.add(
            Arrays.stream(found.get(query))
                .map(positives::indexOf)
                .mapToDouble(place -> place < 0 ? 0 : own[place])
                .toArray());
      }
      return SearchQuality.of(all, gains);
    }
  }

  /**
   * How much of the documents is for what.
   *
   * @param heldOut share of the titles, and of the clicked queries, that is judged by
   * @param mostHeldOut of each
   * @param sentences of a document that ask, see {@link PairMaker}
   * @param mostPairs that are learnt from
   */
  public record Shares(double heldOut, int mostHeldOut, OptionalInt sentences, int mostPairs) {}

  /**
   * Parts documents.
   *
   * @param known what people asked and where they found it
   * @param err is told how much of that is among the documents
   * @throws IllegalArgumentException when there is too little to learn from or to judge by
   */
  public static AdaptationData of(
      List<Document> documents, KnownAnswers known, Shares shares, long seed, PrintWriter err) {
    List<Document> shuffled = new ArrayList<>(documents);
    Collections.shuffle(shuffled, new Random(seed));
    HeldOut held =
        HeldOut.of(shuffled, known.clickedDocuments(), shares.heldOut, shares.mostHeldOut);
    // All that is searched begins alike, and is encoded once.
    List<Document> all = new ArrayList<>(held.others());
    held.groups().forEach(all::addAll);
    Map<String, Integer> places = places(all);
    known.check(places.keySet(), FEWEST, err);
    KnownAnswers.Parted clicks =
        known.clicks(places.keySet(), shares.heldOut, FEWEST, shares.mostHeldOut, seed);
    List<Pair> made = pairs(held.others(), new PairMaker(shares.sentences, seed));
    List<Pair> clicked = clickedPairs(clicks.learnt(), held.others());
    List<Pair> pairs = Stream.concat(made.stream(), clicked.stream()).toList();
    List<Judging> judging = new ArrayList<>();
    Judging asked = held.judging(new PairMaker(OptionalInt.of(1), seed), KnownPairs.queries(pairs));
    if (asked.data().queries().size() >= FEWEST) {
      judging.add(asked);
    }
    answered("clicks", clicks.judged(), all, places).ifPresent(judging::add);
    answered("judged", known.judged(), all, places).ifPresent(judging::add);
    List<Pair> training = training(made, clicked, judgedQueries(judging), shares.mostPairs, seed);
    if (training.size() < FEWEST || judging.isEmpty()) {
      throw new IllegalArgumentException(
          "%s documents give %s pairs to learn from and %s queries to judge by, where %s of each are the least: give more documents, with titles of their own or of several sentences, or [--qrels] to judge by"
              .formatted(
                  documents.size(),
                  training.size(),
                  judging.isEmpty() ? "too few" : "enough",
                  FEWEST));
    }
    return new AdaptationData(training, pairs, held.others(), judging);
  }

  private static Map<String, Integer> places(List<Document> documents) {
    Map<String, Integer> places = new HashMap<>();
    IntStream.range(0, documents.size())
        .forEach(place -> places.put(documents.get(place).id(), place));
    return places;
  }

  /** What is judged by, as {@link KnownPairs#folded} writes it: nothing of it may be learnt. */
  Set<String> judgedQueries() {
    return judgedQueries(judging);
  }

  private static Set<String> judgedQueries(List<Judging> judging) {
    return judging.stream()
        .flatMap(set -> set.data.queries().stream())
        .map(KnownPairs::folded)
        .collect(Collectors.toSet());
  }

  private static Optional<Judging> answered(
      String name, Map<String, Gains> answers, List<Document> all, Map<String, Integer> places) {
    Map<String, List<Integer>> found = new LinkedHashMap<>();
    List<double[]> gains = new ArrayList<>();
    answers.forEach(
        (query, known) -> {
          List<String> there =
              known.documents().stream()
                  .filter(places::containsKey)
                  .sorted(Comparator.comparing(places::get))
                  .toList();
          if (!there.isEmpty()) {
            found.put(query, there.stream().map(places::get).toList());
            gains.add(known.of(there));
          }
        });
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Judging(
                name,
                new MiningData(
                    List.copyOf(found.keySet()),
                    List.copyOf(found.values()),
                    all.stream().map(Document::text).toList(),
                    found.values().stream().mapToInt(List::size).max().orElseThrow()),
                all.stream().map(Document::id).toList(),
                gains));
  }

  private static List<Pair> pairs(List<Document> corpus, PairMaker maker) {
    List<Pair> pairs = new ArrayList<>();
    for (int place = 0; place < corpus.size(); place++) {
      for (TrainingRow row : maker.of(corpus.get(place))) {
        pairs.add(new Pair(row.texts().get(0), row.texts().get(1), place, false));
      }
    }
    return pairs;
  }

  private static List<Pair> training(
      List<Pair> made, List<Pair> clicked, Set<String> judged, int most, long seed) {
    List<Pair> training = new ArrayList<>(unjudged(made, judged));
    if (training.size() > most) {
      Collections.shuffle(training, new Random(seed));
      training.subList(most, training.size()).clear();
    }
    training.addAll(unjudged(clicked, judged));
    return training;
  }

  private static List<Pair> unjudged(List<Pair> pairs, Set<String> judged) {
    return pairs.stream().filter(pair -> !judged.contains(KnownPairs.folded(pair.query))).toList();
  }

  private static List<Pair> clickedPairs(Map<String, Gains> clicks, List<Document> corpus) {
    Map<String, Integer> places = places(corpus);
    List<Pair> pairs = new ArrayList<>();
    clicks.forEach(
        (query, gains) ->
            gains.documents().stream()
                .filter(places::containsKey)
                .forEach(
                    id -> {
                      int place = places.get(id);
                      String answer = PairMaker.passage(corpus.get(place).text());
                      pairs.add(new Pair(query, answer, place, true));
                    }));
    return pairs;
  }
}
