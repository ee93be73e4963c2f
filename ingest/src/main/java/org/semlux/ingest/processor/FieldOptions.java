package org.semlux.ingest.processor;

import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.ingest.Digest;
import org.semlux.ingest.chunk.Chunking;

/**
 * How the texts of a field are encoded.
 *
 * @param sparse which terms are kept; for sparse models only
 * @param chunking whether and how a text becomes passages
 */
record FieldOptions(
    String modelId, InputType inputType, SparseOptions sparse, Optional<Chunking> chunking) {
  FieldOptions withModelId(String id) {
    return new FieldOptions(id, inputType, sparse, chunking);
  }

  /**
   * What tells these options with this model from all others: 16 lower-case hexadecimal digits, one
   * term to every analyzer: a {@code term} query finds them however the field is mapped.
   */
  String version(String modelVersion) {
    return Digest.of(
        List.of(modelVersion, inputType.name(), digested(sparse), digested(chunking)), 16);
  }

  // The spelling is that of the first release: another would make every indexed document outdated.

  private static String digested(SparseOptions sparse) {
    Pruning pruning = sparse.pruning();
    return "SparseOptions[specialTokens=%s, pruning=Pruning[maxTerms=%s, minRatio=%s, minWeight=%s]]"
        .formatted(
            sparse.specialTokens().name(),
            pruning.maxTerms(),
            pruning.minRatio(),
            pruning.minWeight());
  }

  private static String digested(Optional<Chunking> chunking) {
    return chunking
        .map(
            cut ->
                "Optional[Chunking[strategy=%s, size=%s, overlap=%s, limit=%s]]"
                    .formatted(cut.strategy().name(), cut.size(), cut.overlap(), cut.limit()))
        .orElse("Optional.empty");
  }
}
