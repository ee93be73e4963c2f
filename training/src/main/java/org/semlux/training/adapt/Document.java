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

  /**
   * The text without the title where it begins with it, as abstracts often do: to find the title
   * there is nothing that a model would have to learn.
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
    return beginning.find() ? text.substring(end == 0 ? 0 : beginning.start()) : text;
  }
}
