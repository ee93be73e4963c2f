package org.semlux.encoders.text;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which regular expressions a tokenizer may have. The library's engine goes back over what it took
 * and tries other ways, and ends the process after ten million in one place. A pattern is taken
 * where that cannot come from a piece of {@value PieceReader#LONGEST} characters: those of
 * published families by their text, and any other that repeats without end nothing but single
 * characters, if Java's engine, which works alike, goes over long runs in a number of steps that is
 * proportional to them.
 */
final class Patterns {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String ENDINGS =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final Set<String> KNOWN =
      Set.of(
          // GPT-2 and RoBERTa, where it is written out; CLIP's has no place before a letter
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          // Llama 3, Qwen 2 and 3, GPT-4
          CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + ENDINGS,
          CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + ENDINGS);

  private static final int RUN = 2_048;

  /** Steps a character: published patterns take fewer than twenty. */
  private static final int STEPS = 64;

  /** One of each kind that patterns tell apart. */
  private static final String KINDS =
      "a A1_-.,'\u00e9\u01c5\u02b0\u05d0\u4e2d\u0301\u20ac\n\r\t\u00a0\u3000\u3042";

  private Patterns() {}

  static boolean isBounded(String regex) {
    return KNOWN.contains(regex)
        || (regex.length() <= 2_000 && repeatsOnlyCharacters(regex) && isLinear(regex));
  }

  /** Whether nothing is repeated that is itself of any length, or a choice of several. */
  private static boolean repeatsOnlyCharacters(String regex) {
    boolean inClass = false;
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\') {
        i++;
        if (i < regex.length() && !inClass && "123456789kg".indexOf(regex.charAt(i)) >= 0) {
          return false; // what a group took, once more
        }
      } else if (inClass) {
        inClass = c != ']';
      } else if (c == '[') {
        inClass = true;
        i += regex.startsWith("[^]", i) ? 2 : regex.startsWith("[]", i) ? 1 : 0;
      } else if (c == ')' && isRepeated(regex, i + 1)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a quantifier other than {@code ?} stands here. */
  private static boolean isRepeated(String regex, int at) {
    return at < regex.length()
        && (regex.charAt(at) == '*' || regex.charAt(at) == '+' || regex.charAt(at) == '{');
  }

  private static boolean isLinear(String regex) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex.replaceAll("\\\\([pP])\\{(\\w{3,})}", "\\\\$1{Is$2}"));
    } catch (PatternSyntaxException e) {
      return false;
    }
    Set<Integer> tried = new TreeSet<>();
    KINDS.codePoints().forEach(tried::add);
    regex.codePoints().forEach(tried::add);
    for (int kind : tried) {
      String run = Character.toString(kind).repeat(RUN);
      for (String text : List.of(run, run + "\u0001", run + "x", " " + run + "\n\u0001")) {
        if (!isLinear(pattern, text)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether no place in a text costs more than the whole text may. */
  private static boolean isLinear(Pattern pattern, String text) {
    Counted counted = new Counted(text);
    Matcher matcher = pattern.matcher(counted);
    try {
      int from = 0;
      while (from < text.length()) {
        counted.steps = 0;
        matcher.region(from, text.length()).useTransparentBounds(true).useAnchoringBounds(false);
        from = matcher.lookingAt() ? Math.max(matcher.end(), from + 1) : from + 1;
      }
      return true;
    } catch (TooManySteps | StackOverflowError e) {
      return false;
    }
  }

  @SuppressWarnings("serial")
  private static final class TooManySteps extends RuntimeException {
    TooManySteps() {
      super(null, null, false, false);
    }
  }

  /** A text that counts how often it is looked at. */
  private static final class Counted implements CharSequence {
    private final String text;
    private int steps;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++steps > STEPS * RUN) {
        throw new TooManySteps();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
