package org.semlux.encoders.text;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.JsonFile;

/**
 * Words between white space, as sentence-transformers' tokenizer of that name reads them: a word is
 * looked up as it is, then without punctuation around it, then in lower case. Stop words and words
 * that are not found are dropped. Thread-safe.
 *
 * {@snippet lang=java :
 * Path file = Path.of("model/0_WordEmbeddings/whitespacetokenizer_config.json");
 * try (Tokenizer tokenizer = WhitespaceTokenizer.load(JsonFile.read(file), 100)) {
 *   tokenizer.tokenize("Who plays?").length(); // the words that the file has, stop words left out
 * }
 * }
 */
public final class WhitespaceTokenizer implements Tokenizer {
  /** Characters that are read in one go. */
  private static final int PIECE = 1 << 16;

  private final Map<String, Integer> idOf = new HashMap<>();
  private final Set<String> stopWords;
  private final boolean lowerCase;
  private final int vocabularySize;
  private final int maxTokens;

  private WhitespaceTokenizer(JsonFile config, int maxTokens) throws IOException {
    List<String> vocabulary = config.requireStrings("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      idOf.put(vocabulary.get(id), id); // of a word that is there twice the last one counts
    }
    this.vocabularySize = vocabulary.size();
    this.stopWords = new HashSet<>(config.requireStrings("stop_words"));
    this.lowerCase = config.getBoolean("do_lower_case", false);
    this.maxTokens = maxTokens;
  }

  /**
   * Loads a vocabulary.
   *
   * @param config {@code whitespacetokenizer_config.json}
   * @param maxTokens where texts are cut
   * @throws IOException when the file does not hold what it should
   */
  public static WhitespaceTokenizer load(JsonFile config, int maxTokens) throws IOException {
    return new WhitespaceTokenizer(config, maxTokens);
  }

  @Override
  public Reading<Tokens> reading(String text) {
    return readingIds(text, maxTokens).map(Tokens::of);
  }

  /** Single texts only: nothing marks where one ends. */
  @Override
  public Optional<Tokens> sampleOfPair(String text, String pair) {
    return Optional.empty();
  }

  @Override
  public Reading<int[]> readingIds(String text, int most) {
    return readingPlaces(text, most).map(Placed::ids);
  }

  /** The words that are found. */
  @Override
  public Reading<Placed> readingPlaces(String text, int enough) {
    return new Words(text, enough);
  }

  /** Reads the words that begin in some characters at a time. */
  private final class Words implements Reading<Placed> {
    private final String text;
    private final int enough;
    private int[] ids = new int[16];
    private int[] starts = new int[16];
    private int count;
    private int end;

    Words(String text, int enough) {
      this.text = text;
      this.enough = enough;
    }

    @Override
    public Optional<Placed> get() {
      long last = (long) end + PIECE;
      while (end < text.length() && end < last && count < enough) {
        next();
      }
      return end < text.length() && count < enough
          ? Optional.empty()
          : Optional.of(new Placed(Arrays.copyOf(ids, count), Arrays.copyOf(starts, count)));
    }

    private void next() {
      int start = end;
      while (start < text.length() && isSpace(text.charAt(start))) {
        start++;
      }
      end = start;
      while (end < text.length() && !isSpace(text.charAt(end))) {
        end++;
      }
      int id = start < end ? find(text.substring(start, end)) : -1;
      if (id >= 0) {
        if (count == ids.length) {
          ids = Arrays.copyOf(ids, 2 * count);
          starts = Arrays.copyOf(starts, 2 * count);
        }
        ids[count] = id;
        starts[count++] = start;
      }
    }
  }

  /** The id of a word, or -1. */
  private int find(String word) {
    String form = lowerCase ? word.toLowerCase(Locale.ROOT) : word;
    for (int attempt = 0; attempt < 3; attempt++) {
      if (attempt == 1) {
        form = strip(form);
      } else if (attempt == 2) {
        form = form.toLowerCase(Locale.ROOT);
      }
      if (form.isEmpty() || stopWords.contains(form)) {
        return -1;
      }
      Integer id = idOf.get(form);
      if (id != null) {
        return id;
      }
    }
    return -1;
  }

  private static String strip(String word) {
    int start = 0;
    int end = word.length();
    while (start < end && isPunctuation(word.charAt(start))) {
      start++;
    }
    while (start < end && isPunctuation(word.charAt(end - 1))) {
      end--;
    }
    return word.substring(start, end);
  }

  /** ASCII's 32. */
  private static boolean isPunctuation(char c) {
    return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
  }

  /** What Python splits at: no-break spaces too. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /** Word embeddings tell no prompt from its text. */
  @Override
  public int prefixLength(String prompt) {
    return 0;
  }

  @Override
  public int specialTokensBefore() {
    return 0;
  }

  @Override
  public int maxTokens() {
    return maxTokens;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  /** Nothing native to free. */
  @Override
  public void close() {}
}
