package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.semlux.encoders.folder.JsonFile;

/**
 * Where a text can be parted so that the tokens of both parts are those of the whole: before a
 * single space between two letters or digits, unless a tokenizer looks across. That is seen from
 * its vocabulary, which may hold a token of two words, and tried with a few texts.
 */
final class Joints {
  private static final List<String> TRIED =
      List.of(
          "the rain in Spain",
          "A b 1 2 three 44 V",
          "don't Stop me now it's 7 o clock",
          "été Über Ωμέγα слово x",
          "東 京 ሴ ሴ ꙮ z",
          "a  b c\n d e, f (g h) i",
          "un der stand ab le ness es s");

  private final boolean any;
  private final int longestStripping;

  private Joints(boolean any, int longestStripping) {
    this.any = any;
    this.longestStripping = longestStripping;
  }

  static Joints of(JsonFile file, NativeTokenizer tokenizer) {
    return new Joints(
        addedTokensStayApart(file)
            && Vocabulary.ofChecked(file).spellings().noneMatch(Joints::holdsTwoWords)
            && TRIED.stream().allMatch(text -> partsAnywhere(text, tokenizer)),
        longestStripping(file));
  }

  /**
   * Characters of the longest added token that takes away white space before it; 0 where none does.
   */
  int longestStripping() {
    return longestStripping;
  }

  /** Whether a text can be parted at all. */
  boolean any() {
    return any;
  }

  /** The last place to part a text at in {@code (from, to]}; -1 if there is none. */
  int last(String text, int from, int to) {
    for (int at = any ? to : from; at > from; at--) {
      if (isJoint(text, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isJoint(String text, int at) {
    return text.charAt(at) == ' '
        && at > 0
        && at + 1 < text.length()
        && Character.isLetterOrDigit(text.codePointBefore(at))
        && Character.isLetterOrDigit(text.codePointAt(at + 1));
  }

  private static boolean partsAnywhere(String text, NativeTokenizer tokenizer) {
    int[] whole = tokenizer.ids(text);
    return IntStream.range(1, text.length())
        .filter(at -> isJoint(text, at))
        .allMatch(
            at -> {
              int[] first = tokenizer.ids(text.substring(0, at));
              int[] second = tokenizer.ids(text.substring(at));
              return first.length + second.length == whole.length
                  && Arrays.equals(first, Arrays.copyOf(whole, first.length))
                  && Arrays.equals(second, Arrays.copyOfRange(whole, first.length, whole.length));
            });
  }

  /** A token that goes on behind a word's end, however a tokenizer spells a space. */
  private static boolean holdsTwoWords(String token) {
    int at = 0;
    while (at < token.length() && isSpace(token.charAt(at))) {
      at++;
    }
    int spaces = at;
    while (at < token.length() && !isSpace(token.charAt(at))) {
      at++;
    }
    return at > spaces && at < token.length();
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\u2581' || c == '\u0120'; // as it is, as ▁ and as byte-level's Ġ
  }

  private static int longestStripping(JsonFile file) {
    int longest = 0;
    JsonElement added = file.object().get("added_tokens");
    if (added != null && added.isJsonArray()) {
      for (JsonElement element : (JsonArray) added) {
        JsonElement strips = element.getAsJsonObject().get("lstrip");
        if (strips != null && strips.getAsBoolean()) {
          String content = element.getAsJsonObject().get("content").getAsString();
          longest = Math.max(longest, content.length());
        }
      }
    }
    return longest;
  }

  /** Added tokens are found before all else: they may reach over a space or take it along. */
  private static boolean addedTokensStayApart(JsonFile file) {
    JsonElement added = file.object().get("added_tokens");
    if (added == null || !added.isJsonArray()) {
      return true;
    }
    for (JsonElement element : (JsonArray) added) {
      JsonObject token = element.getAsJsonObject();
      String content = token.get("content").getAsString();
      if (content.isEmpty()
          || Character.isLetterOrDigit(content.codePointAt(0))
          || Character.isLetterOrDigit(content.codePointBefore(content.length()))
          || content.chars().anyMatch(Character::isWhitespace)) {
        return false;
      }
    }
    return true;
  }
}
