package org.semlux.training.adapt;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of the corpus that a model is fitted to.
 *
 * @param id what clicks and judgements call it
 * @param title empty where it has none
 */
public record Document(String id, String title, String text) {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

  /** What ends a title, where it is not the beginning of a sentence that goes on. */
  private static final Pattern END = Pattern.compile("[.!?:|]\\W*\\s|\\s[-–—]+\\s|[\\n\\r。！？：]");

  /**
   * The text without the title where it begins with it, as abstracts often do: to find the title
   * there is nothing that a model would have to learn. A title that is the subject of the first
   * sentence stays.
   */
  String textBehindTitle() {
    Matcher words = WORD.matcher(title);
    Matcher beginning = WORD.matcher(text);
    int end = 0;
    while (words.find()) {
      if (!beginning.find() || !beginning.group().equalsIgnoreCase(words.group())) {
        return text;
      }
      end = beginning.end();
    }
    return end > 0 && beginning.find() && END.matcher(text.substring(end, beginning.start())).find()
        ? text.substring(beginning.start())
        : text;
  }
}
