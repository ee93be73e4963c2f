package org.semlux.training.cli;

import com.google.gson.JsonPrimitive;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.TermWeights;
import picocli.CommandLine.Option;

/** Which terms of a sparse model's answers are printed, and how. */
final class TermOptions {
  @Option(
      names = "--token-ids",
      description = "Sparse models: print the terms' ids, as {\"weights_by_id\":{...}}.")
  boolean tokenIds;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Sparse models: keep this many terms of a text, the heaviest. Default: all.")
  Integer topK;

  @Option(
      names = "--min-ratio",
      paramLabel = "X",
      description =
          "Sparse models: keep terms of at least this share of the heaviest one's weight, 0 to 1.")
  Double minRatio;

  @Option(
      names = "--min-weight",
      paramLabel = "X",
      description = "Sparse models: keep terms of at least this weight.")
  Double minWeight;

  @Option(
      names = "--drop-special-tokens",
      description = "Sparse models: leave out terms that stand for no word, such as [CLS].")
  boolean dropSpecialTokens;

  /** Whether anything was asked that only a sparse model can do. */
  boolean given() {
    return tokenIds || topK != null || minRatio != null || minWeight != null || dropSpecialTokens;
  }

  SparseOptions sparse() {
    Pruning pruning = Pruning.none();
    pruning = topK == null ? pruning : pruning.withMaxTerms(topK);
    pruning = minRatio == null ? pruning : pruning.withMinRatio(minRatio);
    pruning = minWeight == null ? pruning : pruning.withMinWeight(minWeight);
    SparseOptions options = SparseOptions.defaults().withPruning(pruning);
    return dropSpecialTokens
        ? options.withSpecialTokens(SparseOptions.SpecialTokens.DROP)
        : options;
  }

  /** Heaviest first; numbers in the fewest digits that read back as the same float32. */
  void append(StringBuilder text, TermWeights terms) {
    text.append(tokenIds ? "{\"weights_by_id\":{" : "{\"weights\":{");
    for (int i = 0; i < terms.size(); i++) {
      String term = tokenIds ? Integer.toString(terms.ids()[i]) : terms.tokens()[i];
      text.append(i == 0 ? "" : ",")
          .append(new JsonPrimitive(term)) // quoted and escaped
          .append(':')
          .append(terms.weights()[i]);
    }
    text.append("}}");
  }
}
