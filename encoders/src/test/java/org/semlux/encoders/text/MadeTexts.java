package org.semlux.encoders.text;

import java.util.List;
import java.util.Random;

/** Texts of words and of runs, some of them long: of one character, of spaces, of marks. */
final class MadeTexts {
  private static final List<String> KINDS =
      List.of(
          " ",
          "a",
          "A",
          "7",
          ".",
          "-",
          "'",
          "\n",
          "\r\n",
          "\t",
          "\u00a0",
          "\u3000",
          "\u0301",
          "\u0323",
          "\u200b",
          "\u200d",
          "\u00ad",
          "\u4e2d",
          "\uac00",
          "\u0e01",
          "\ud83d\udeb2",
          "\ud83d\ude00",
          "\ud83c\udde9",
          "\ud83d",
          "\ufdfa",
          "\u2581",
          "\u0120",
          "\u0000",
          "[",
          "<",
          "\u1234");
  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final List<String> WORDS =
      List.of(
          "the",
          "rain",
          "in",
          "Spain",
          "don't",
          "it's",
          "été",
          "42",
          "3.14",
          "(e.g.)",
          "слово",
          "東京",
          "x",
          "[MASK]",
          "<mask>",
          "</s>",
          "un-der",
          "e\u0301",
          "I'LL",
          "\ud83d\ude00");

  private final Random random;

  MadeTexts(Random random) {
    this.random = random;
  }

  /**
   * One of up to so many characters, about: lengths of every order of magnitude are as frequent.
   */
  String next(int longest) {
    int length = magnitude(longest);
    StringBuilder text = new StringBuilder();
    for (int parts = 1 + random.nextInt(12); parts > 0 && text.length() < length; parts--) {
      int left = length - text.length();
      part(text, random.nextInt(8), parts == 1 ? left : magnitude(left));
    }
    return text.toString();
  }

  private int magnitude(int longest) {
    return Math.max(1, (int) Math.exp(random.nextDouble() * Math.log(longest + 1)));
  }

  private void part(StringBuilder text, int kind, int length) {
    int end = text.length() + length;
    String one = one(KINDS);
    String other = one(KINDS);
    while (text.length() < end) {
      switch (kind) {
        case 0, 1 -> text.append(one);
        case 2 -> text.append(random.nextInt(3) == 0 ? one : other);
        case 3 -> text.append(LETTERS.charAt(random.nextInt(62)));
        case 4 -> text.append(" \n\t\r \u00a0".charAt(random.nextInt(6)));
        case 5 -> text.append(random.nextBoolean() ? "\u0301" : "\u0323");
        case 6 -> text.append(one(KINDS));
        default -> text.append(one(WORDS)).append(random.nextInt(9) == 0 ? "\n" : " ");
      }
    }
  }

  private String one(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
