package org.semlux.encoders.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Several token sequences end to end, without padding: everything but attention works on this
 * packed form.
 *
 * {@snippet lang=java :
 * Tokens shorter = new Tokens(new int[] {101, 102}, new int[2], 0);
 * Tokens longer = new Tokens(new int[] {101, 7, 102}, new int[3], 0);
 * TokenBatch batch = TokenBatch.of(List.of(shorter, longer));
 * batch.ids(); // {101, 102, 101, 7, 102}
 * batch.positions(); // {0, 1, 0, 1, 2}
 * batch.groupsOfEqualLength().size(); // 2
 * }
 *
 * @param ids {@code [tokens]}
 * @param positions {@code [tokens]} place in its sequence, from 0
 * @param types {@code [tokens]}
 * @param lengths {@code [sequences]}
 * @param prompts {@code [sequences]} leading tokens left out of pooling
 * @param unseen {@code [sequences]} tokens at the end that no other token attends to
 */
public record TokenBatch(
    int[] ids, int[] positions, int[] types, int[] lengths, int[] prompts, int[] unseen) {
  /**
   * Sequences that attention treats as one rectangle, because their lengths are near each other.
   *
   * @param sequences how many
   * @param longest tokens of the longest
   * @param tokens tokens of all of them; equal to {@code sequences * longest} where no row needs
   *     padding
   */
  public record Group(int sequences, int longest, int tokens) {}

  /** A padded place in attention costs about this share of what a group of its own costs. */
  private static final int TOKENS_PER_GROUP = 48;

  /**
   * What stands for a text without any token: programs take no empty sequences, so it is one token
   * that pooling leaves out.
   */
  private static final Tokens NOTHING = new Tokens(new int[1], new int[1], 1);

  /** Packs sequences. Neighbours of equal or similar length make attention cheap: sort first. */
  public static TokenBatch of(List<Tokens> texts) {
    List<Tokens> sequences =
        texts.stream().map(tokens -> tokens.length() == 0 ? NOTHING : tokens).toList();
    int tokens = sequences.stream().mapToInt(Tokens::length).sum();
    int[] ids = new int[tokens];
    int[] positions = new int[tokens];
    int[] types = new int[tokens];
    int[] lengths = new int[sequences.size()];
    int[] prompts = new int[sequences.size()];
    int[] unseen = new int[sequences.size()];
    int at = 0;
    for (int s = 0; s < lengths.length; s++) {
      Tokens sequence = sequences.get(s);
      lengths[s] = sequence.length();
      prompts[s] = sequence.prompt();
      unseen[s] = sequence.unseen();
      System.arraycopy(sequence.ids(), 0, ids, at, lengths[s]);
      System.arraycopy(sequence.types(), 0, types, at, lengths[s]);
      for (int t = 0; t < lengths[s]; t++) {
        positions[at + t] = t;
      }
      at += lengths[s];
    }
    return new TokenBatch(ids, positions, types, lengths, prompts, unseen);
  }

  public int tokens() {
    return ids.length;
  }

  /**
   * Ids, positions and types as programs take them.
   *
   * @param rows at least three; what is behind these is left 0
   * @return {@code [rows, tokens]}
   */
  public int[] tokenRows(int rows) {
    int tokens = tokens();
    int[] packed = new int[rows * tokens];
    System.arraycopy(ids, 0, packed, 0, tokens);
    System.arraycopy(positions, 0, packed, tokens, tokens);
    System.arraycopy(types, 0, packed, 2 * tokens, tokens);
    return packed;
  }

  /** Lengths, prompts and unseen tokens as programs take them, {@code [3, sequences]}. */
  public int[] sequenceRows() {
    int[] packed = Arrays.copyOf(lengths, 3 * sequences());
    System.arraycopy(prompts, 0, packed, sequences(), sequences());
    System.arraycopy(unseen, 0, packed, 2 * sequences(), sequences());
    return packed;
  }

  public int sequences() {
    return lengths.length;
  }

  /**
   * Cuts the batch into groups, so that one text of 8,192 tokens beside 500 short ones costs what
   * they cost apart: a sequence joins its neighbours' group while the padding that it brings is
   * cheaper than a group more.
   */
  public List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    int first = 0;
    int longest = 0;
    int tokens = 0;
    for (int s = 0; s < lengths.length; s++) {
      int wider = Math.max(longest, lengths[s]);
      int padding = wider * (s - first + 1) - tokens - lengths[s];
      if (s > first && padding > TOKENS_PER_GROUP + tokens / 16) {
        groups.add(new Group(s - first, longest, tokens));
        first = s;
        wider = lengths[s];
        tokens = 0;
      }
      longest = wider;
      tokens += lengths[s];
    }
    if (lengths.length > 0) {
      groups.add(new Group(lengths.length - first, longest, tokens));
    }
    return groups;
  }

  /**
   * Groups without padding: neighbours of equal length. Attention, the one place where texts could
   * meet, then rounds each as it would alone.
   */
  public List<Group> groupsOfEqualLength() {
    List<Group> groups = new ArrayList<>();
    int first = 0;
    for (int s = 1; s <= lengths.length; s++) {
      if (s == lengths.length || lengths[s] != lengths[first]) {
        groups.add(new Group(s - first, lengths[first], (s - first) * lengths[first]));
        first = s;
      }
    }
    return groups;
  }
}
