package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.semlux.training.data.TrainingRow;

/**
 * Queries and answers out of documents alone: a title asks for its text, a heading for what stands
 * below it, sentences for the passage around them (the inverse cloze task, Lee et al. 2019,
 * https://arxiv.org/abs/1906.00300), and some words with gaps for the whole, as people type them.
 *
 * <p>A title says what its text is about, as a question does, where a sentence says a part of it:
 * what is learnt from titles helps with questions, and sentences beside them take of that again
 * (docs/measurements.md). So sentences ask where nothing else does.
 *
 * {@snippet lang=java :
 * PairMaker maker = new PairMaker(OptionalInt.empty(), 42);
 * Document document = new Document("1", "Of a town", "The river rises after rain. Trains stop.");
 * maker.of(document).get(0).texts(); // [Of a town, The river rises after rain. Trains stop.]
 * }
 */
public final class PairMaker {
  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+|(?<=[。！？])\\s*");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6}[ \\t]+(.+?)[ \\t#]*$");
  private static final int FEWEST_WORDS = 4;
  private static final int MOST_WORDS = 40;
  private static final int SPAN_WORDS = 12;

  /** Some 130 tokens: what more there is costs in proportion and adds little. */
  private static final int PASSAGE_WORDS = 100;

  /** A sentence stays in its passage one time in ten, so that sharing words is learnt too. */
  private static final double KEPT = 0.1;

  private static final double DROPPED = 0.25;

  /** Of a document that has neither title nor headings. */
  private static final int SENTENCES = 3;

  private final OptionalInt sentences;
  private final Random random;

  /**
   * @param sentences of a document that ask, at most; where empty, as many as do without a title or
   *     headings, and none beside them
   * @param seed decides which
   */
  public PairMaker(OptionalInt sentences, long seed) {
    this.sentences = sentences;
    random = new Random(seed);
  }

  /** The pairs of a document, its title's first; perhaps none. */
  public List<TrainingRow> of(Document document) {
    List<TrainingRow> pairs = new ArrayList<>();
    if (!document.title().isBlank()) {
      pairs.add(pair(document.title().strip(), passage(document.textBehindTitle())));
    }
    pairs.addAll(headings(document.text()));
    int wanted = sentences.orElse(pairs.isEmpty() ? SENTENCES : 0);
    List<String> parts =
        Arrays.stream(SENTENCE_END.split(document.text().strip()))
            .filter(sentence -> !sentence.isBlank())
            .toList();
    List<Integer> asking =
        new ArrayList<>(
            IntStream.range(0, parts.size()).filter(i -> asks(parts.get(i))).boxed().toList());
    if (asking.isEmpty()) {
      return pairs;
    }
    Collections.shuffle(asking, random);
    int most = parts.size() < 2 ? 0 : Math.min(wanted, asking.size());
    for (int place : asking.subList(0, most)) {
      pairs.add(pair(parts.get(place), around(parts, place, random.nextDouble() < KEPT)));
    }
    if (wanted > 0) {
      int place = asking.get(asking.size() - 1);
      pairs.add(pair(span(parts.get(place)), around(parts, place, true)));
    }
    return pairs;
  }

  /** As much of a text as one passage holds. */
  public static String passage(String text) {
    String[] words = text.strip().split("\\s+", PASSAGE_WORDS + 1);
    return words.length <= PASSAGE_WORDS
        ? text.strip()
        : String.join(" ", Arrays.copyOf(words, PASSAGE_WORDS));
  }

  private static List<TrainingRow> headings(String text) {
    List<TrainingRow> pairs = new ArrayList<>();
    Matcher heading = HEADING.matcher(text);
    int from = -1;
    String title = "";
    while (heading.find()) {
      add(title, from, heading.start(), text, pairs);
      title = heading.group(1);
      from = heading.end();
    }
    add(title, from, text.length(), text, pairs);
    return pairs;
  }

  private static void add(String title, int from, int to, String text, List<TrainingRow> pairs) {
    if (from >= 0 && words(title) > 1 && words(text.substring(from, to).strip()) > FEWEST_WORDS) {
      pairs.add(pair(title, passage(text.substring(from, to))));
    }
  }

  /** The sentences before and behind one, the nearer the sooner, as far as a passage goes. */
  private static String around(List<String> parts, int place, boolean itself) {
    int first = place;
    int last = place;
    int words = itself ? words(parts.get(place)) : 0;
    while (first > 0 || last < parts.size() - 1) {
      boolean before = first > 0 && (place - first <= last - place || last == parts.size() - 1);
      int next = before ? first - 1 : last + 1;
      words += words(parts.get(next));
      if (words > PASSAGE_WORDS && last > first) {
        break;
      }
      first = Math.min(first, next);
      last = Math.max(last, next);
    }
    List<String> taken = new ArrayList<>(parts.subList(first, last + 1));
    if (!itself) {
      taken.remove(place - first);
    }
    return passage(String.join(" ", taken));
  }

  private String span(String sentence) {
    String[] words = sentence.split("\\s+");
    int length = Math.min(words.length, FEWEST_WORDS + random.nextInt(SPAN_WORDS - FEWEST_WORDS));
    int first = random.nextInt(words.length - length + 1);
    List<String> kept = new ArrayList<>();
    for (String word : Arrays.asList(words).subList(first, first + length)) {
      if (random.nextDouble() >= DROPPED) {
        kept.add(word);
      }
    }
    return kept.size() < 2
        ? String.join(" ", Arrays.copyOfRange(words, first, first + length))
        : String.join(" ", kept);
  }

  private static boolean asks(String sentence) {
    int words = words(sentence);
    return words >= FEWEST_WORDS && words <= MOST_WORDS;
  }

  private static int words(String text) {
    return text.isEmpty() ? 0 : text.split("\\s+").length;
  }

  private static TrainingRow pair(String query, String answer) {
    return new TrainingRow(List.of(query, answer), List.of());
  }
}
