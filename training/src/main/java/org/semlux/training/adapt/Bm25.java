package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * BM25 over texts in memory, for a corpus that is a file: Lucene's formula and constants (Robertson
 * and Zaragoza 2009, https://doi.org/10.1561/1500000019), words as they stand in lower case, of
 * Chinese and Japanese each sign, as Lucene's standard tokenizer has them.
 *
 * {@snippet lang=java :
 * Bm25 search = new Bm25(List.of("It rains.", "A man plays a guitar."));
 * search.find(List.of("who plays"), 10).get(0); // {1}: places of documents, best first
 * }
 */
public final class Bm25 implements WordSearch {
  private static final double K1 = 1.2;
  private static final double B = 0.75;

  private static final Pattern WORD =
      Pattern.compile(
          "[\\p{IsHan}\\p{IsHiragana}]|[\\p{L}\\p{N}\\p{M}&&[^\\p{IsHan}\\p{IsHiragana}]]+");

  /** Documents that have a word, and how often. */
  private record Posting(int document, int count) {}

  private final Map<String, List<Posting>> postings = new HashMap<>();
  private final double[] lengths;
  private final double meanLength;

  public Bm25(List<String> texts) {
    lengths = new double[texts.size()];
    for (int document = 0; document < texts.size(); document++) {
      Map<String, Integer> counts = new HashMap<>();
      for (String word : words(texts.get(document))) {
        counts.merge(word, 1, Integer::sum);
        lengths[document]++;
      }
      int place = document;
      counts.forEach(
          (word, count) ->
              postings
                  .computeIfAbsent(word, any -> new ArrayList<>())
                  .add(new Posting(place, count)));
    }
    meanLength = Arrays.stream(lengths).average().orElse(1);
  }

  private static List<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
  }

  /** The inverse document frequency of what {@code having} of so many documents have. */
  static double rarity(int having, int documents) {
    return Math.log(1 + (documents - having + 0.5) / (having + 0.5));
  }

  @Override
  public List<int[]> find(List<String> queries, int count) {
    return queries.parallelStream().map(query -> find(query, count)).toList();
  }

  private int[] find(String query, int count) {
    double[] scores = new double[lengths.length];
    for (String word : words(query)) { // one that is asked twice counts twice
      List<Posting> found = postings.getOrDefault(word, List.of());
      double idf = rarity(found.size(), lengths.length);
      for (Posting posting : found) {
        double norm = K1 * (1 - B + B * lengths[posting.document] / meanLength);
        scores[posting.document] += idf * posting.count / (posting.count + norm);
      }
    }
    return best(scores, count);
  }

  /**
   * The places of the highest scores above 0. Most documents have one of the words, and few are
   * wanted: they are not all sorted.
   */
  static int[] best(double[] scores, int count) {
    Comparator<Integer> better =
        Comparator.comparingDouble((Integer document) -> -scores[document])
            .thenComparing(Comparator.naturalOrder());
    PriorityQueue<Integer> best = new PriorityQueue<>(better.reversed());
    for (int document = 0; document < scores.length; document++) {
      if (scores[document] > 0
          && (best.size() < count || scores[document] > scores[best.element()])) {
        best.add(document);
        if (best.size() > count) {
          best.remove();
        }
      }
    }
    return best.stream().sorted(better).mapToInt(Integer::intValue).toArray();
  }
}
