package org.semlux.encoders.text;

import java.util.ArrayList;
import java.util.List;
import org.semlux.encoders.api.TextSpan;

/**
 * A long text in overlapping parts, each as long as its model reads.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * String text = "A man plays. ".repeat(999);
 * try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
 *   for (Tokens window : TextWindows.reading(tokenizer, "", text).all()) {
 *     System.out.println(window.length() + " tokens: " + window.span().of(text));
 *   }
 * }
 * }
 */
public final class TextWindows {
  private TextWindows() {}

  /**
   * A text behind a prompt, in windows that overlap by a quarter; the last one ends where the text
   * does. Of more windows than {@value TextPairs#MAX_WINDOWS} the rest is not read.
   *
   * @return one sequence where the text fits; else each with its span of the text
   */
  public static Reading<List<Tokens>> reading(Tokenizer tokenizer, String prompt, String text) {
    int room = Math.max(1, tokenizer.maxTokens() - tokenizer.tokenize(prompt).length());
    int enough = Math.multiplyExact(TextPairs.MAX_WINDOWS, room);
    return tokenizer
        .readingPlaces(text, enough)
        .map(
            placed ->
                placed.ids().length <= room
                    ? List.of(tokenizer.tokenize(prompt + text))
                    : windows(tokenizer, prompt, text, placed.starts(), room));
  }

  private static List<Tokens> windows(
      Tokenizer tokenizer, String prompt, String text, int[] starts, int room) {
    return spans(text, starts, room).stream()
        .map(span -> tokenizer.tokenize(prompt + span.of(text)).withSpan(span))
        .toList();
  }

  /**
   * Where windows of so many tokens lie.
   *
   * @param starts where the text's tokens begin, more than one window holds
   */
  static List<TextSpan> spans(String text, int[] starts, int room) {
    List<TextSpan> spans = new ArrayList<>();
    int step = Math.max(1, room - room / 4);
    boolean last = false;
    for (int from = 0; !last; from += step) {
      last = from + room >= starts.length || spans.size() == TextPairs.MAX_WINDOWS - 1;
      int to = Math.min(starts.length, from + room);
      spans.add(TextPairs.span(text, starts, last ? Math.max(0, to - room) : from, to));
    }
    return spans;
  }
}
