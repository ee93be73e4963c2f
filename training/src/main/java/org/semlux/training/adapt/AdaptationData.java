package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.mine.MiningData;

/**
 * Documents parted into those that a model learns from and those that it is judged by, which it
 * never sees while it learns.
 *
 * @param training pairs of a query and its answer
 * @param corpus what is searched for negatives: all documents but those held out
 * @param judging what both models are judged by, the most telling last
 */
public record AdaptationData(List<Pair> training, List<Document> corpus, List<Judging> judging) {
  private static final int FEWEST = 20;

  /**
   * What is learnt from.
   *
   * @param document place in the corpus of the one that answers
   */
  public record Pair(String query, String answer, int document) {}

  /**
   * Queries with known answers, and all that is searched for them.
   *
   * @param name {@code held-out}: made of documents; {@code clicks}; {@code judged}
   */
  public record Judging(String name, MiningData data) {}

  /**
   * How much of the documents is for what.
   *
   * @param heldOut share of the documents, and of the clicked queries, that is judged by
   * @param mostHeldOut of each
   * @param sentences of a document that ask, see {@link PairMaker}
   * @param mostPairs that are learnt from
   */
  public record Shares(double heldOut, int mostHeldOut, OptionalInt sentences, int mostPairs) {}

  /**
   * Parts documents.
   *
   * @param known what people asked and where they found it
   * @throws IllegalArgumentException when there is too little to learn from or to judge by
   */
  public static AdaptationData of(
      List<Document> documents, KnownAnswers known, Shares shares, long seed) {
    List<Document> all = new ArrayList<>(documents);
    Collections.shuffle(all, new Random(seed));
    // What people are known to have looked for is learnt from; others, the last, are held out. So
    // all
    // that is searched begins alike, and is encoded once.
    Set<String> clicked = known.clickedDocuments();
    all.sort(Comparator.comparing(document -> !clicked.contains(document.id())));
    long free = all.stream().filter(document -> !clicked.contains(document.id())).count();
    long most = Math.min(shares.mostHeldOut, (long) Math.ceil(all.size() * shares.heldOut));
    int learnt = all.size() - (int) Math.min(most, free);
    List<Document> corpus = List.copyOf(all.subList(0, learnt));
    Map<String, Integer> places = new HashMap<>();
    IntStream.range(0, all.size()).forEach(place -> places.put(all.get(place).id(), place));
    List<Judging> judging = new ArrayList<>();
    List<Document> held = all.subList(learnt, all.size());
    heldOut(corpus, held, new PairMaker(OptionalInt.of(1), seed), judging);
    KnownAnswers.Parted clicks =
        known.clicks(places.keySet(), shares.heldOut, shares.mostHeldOut, seed);
    answered("clicks", clicks.judged(), all, places, judging);
    answered("judged", known.judged(), all, places, judging);
    List<Pair> training = pairs(corpus, new PairMaker(shares.sentences, seed), shares, seed);
    training.addAll(clickedPairs(clicks.learnt(), corpus));
    if (training.size() < FEWEST || judging.isEmpty()) {
      throw new IllegalArgumentException(
          "%d documents give %d pairs to learn from and %s queries to judge by, where %d of each are the least: give more documents, with titles or of several sentences"
              .formatted(
                  documents.size(),
                  training.size(),
                  judging.isEmpty() ? "too few" : "enough",
                  FEWEST));
    }
    return new AdaptationData(training, corpus, judging);
  }

  /** Titles, or sentences whose document is searched without them. */
  private static void heldOut(
      List<Document> corpus, List<Document> held, PairMaker maker, List<Judging> judging) {
    List<TrainingRow> rows = new ArrayList<>();
    List<String> texts = new ArrayList<>(corpus.stream().map(Document::text).toList());
    for (Document document : held) {
      List<TrainingRow> pairs = maker.of(document);
      boolean titled = !document.title().isBlank();
      String searched =
          titled || pairs.isEmpty() ? document.textBehindTitle() : pairs.get(0).texts().get(1);
      texts.add(searched);
      if (!pairs.isEmpty()) {
        rows.add(new TrainingRow(List.of(pairs.get(0).texts().get(0), searched), List.of()));
      }
    }
    if (rows.size() >= FEWEST) {
      judging.add(new Judging("held-out", MiningData.of(rows, texts)));
    }
  }

  private static void answered(
      String name,
      Map<String, Set<String>> answers,
      List<Document> all,
      Map<String, Integer> places,
      List<Judging> judging) {
    Map<String, List<Integer>> found = new LinkedHashMap<>();
    answers.forEach(
        (query, ids) -> {
          List<Integer> there =
              ids.stream().filter(places::containsKey).map(places::get).sorted().toList();
          if (!there.isEmpty()) {
            found.put(query, there);
          }
        });
    if (found.size() >= FEWEST) {
      judging.add(
          new Judging(
              name,
              new MiningData(
                  List.copyOf(found.keySet()),
                  List.copyOf(found.values()),
                  all.stream().map(Document::text).toList(),
                  found.values().stream().mapToInt(List::size).max().orElseThrow())));
    }
  }

  private static List<Pair> pairs(
      List<Document> corpus, PairMaker maker, Shares shares, long seed) {
    List<Pair> pairs = new ArrayList<>();
    for (int place = 0; place < corpus.size(); place++) {
      for (TrainingRow row : maker.of(corpus.get(place))) {
        pairs.add(new Pair(row.texts().get(0), row.texts().get(1), place));
      }
    }
    if (pairs.size() > shares.mostPairs) {
      Collections.shuffle(pairs, new Random(seed));
      return new ArrayList<>(pairs.subList(0, shares.mostPairs));
    }
    return pairs;
  }

  private static List<Pair> clickedPairs(Map<String, Set<String>> clicks, List<Document> corpus) {
    Map<String, Integer> places = new HashMap<>();
    IntStream.range(0, corpus.size()).forEach(place -> places.put(corpus.get(place).id(), place));
    List<Pair> pairs = new ArrayList<>();
    clicks.forEach(
        (query, ids) ->
            ids.stream()
                .filter(places::containsKey)
                .forEach(
                    id -> {
                      int place = places.get(id);
                      String answer = PairMaker.passage(corpus.get(place).text());
                      pairs.add(new Pair(query, answer, place));
                    }));
    return pairs;
  }
}
