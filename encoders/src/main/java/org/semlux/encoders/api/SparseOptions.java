package org.semlux.encoders.api;

/**
 * Which terms a sparse encoder answers with.
 *
 * {@snippet lang=java :
 * SparseOptions options =
 *     SparseOptions.defaults()
 *         .withSpecialTokens(SparseOptions.SpecialTokens.DROP)
 *         .withPruning(Pruning.none().withMaxTerms(64));
 * EncodeRequest request = EncodeRequest.of(List.of("A man plays.")).withTerms(options);
 * }
 */
public record SparseOptions(SpecialTokens specialTokens, Pruning pruning) {
  /** Terms that stand for no word, such as {@code [CLS]} and {@code [MASK]}. */
  public enum SpecialTokens {
    /** As the reference does. */
    KEEP,
    DROP
  }

  private static final SparseOptions DEFAULTS =
      new SparseOptions(SpecialTokens.KEEP, Pruning.none());

  /** All terms, as the reference answers. */
  public static SparseOptions defaults() {
    return DEFAULTS;
  }

  public SparseOptions withSpecialTokens(SpecialTokens other) {
    return new SparseOptions(other, pruning);
  }

  public SparseOptions withPruning(Pruning other) {
    return new SparseOptions(specialTokens, other);
  }
}
