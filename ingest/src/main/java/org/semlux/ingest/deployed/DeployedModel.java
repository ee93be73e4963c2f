package org.semlux.ingest.deployed;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.chunk.Chunking;

/**
 * A deployed model that can be asked now, on this node ({@link LoadedModel}) or on another that has
 * loaded it; who asks need not know. Thread-safe; no method waits. Cancel a request by cancelling
 * its future. Failures are made those of a client by {@link EncoderFailures}.
 */
public interface DeployedModel {
  /** What it makes of texts. */
  EncoderKind kind();

  /** Numbers of a dense vector; see {@link org.semlux.encoders.api.EncoderInfo#dimensions()}. */
  int dimensions();

  /**
   * The same object for as long as the answers are those of the same model in the same place, so
   * that they may be remembered.
   */
  Object identity();

  /**
   * Asks for something that may take several steps, such as to cut texts and to encode what came of
   * them: the model stays in use until it is there. Steps that are asked for outside of this may
   * find it closed in between.
   */
  default <A> CompletableFuture<? extends A> ask(
      Function<DeployedModel, CompletableFuture<? extends A>> steps) {
    return steps.apply(this);
  }

  /** One encoding a text, in their order; a cross-encoder refuses. */
  CompletableFuture<? extends List<? extends Encoding>> encode(EncodeRequest request);

  /**
   * One score a pair, in their order; a model that scores no pairs refuses.
   *
   * @param vectors of the second texts' tokens as far as they are kept, a list a pair; or none at
   *     all: those that lack are made. A cross-encoder does not look at them
   */
  CompletableFuture<List<PairScore>> score(ScoreRequest request, List<List<TokenVectors>> vectors);

  /**
   * Cuts the texts of a field into passages, by the model's own tokens where that is asked for; see
   * {@link org.semlux.ingest.chunk.Chunker#chunkAll}.
   */
  CompletableFuture<List<List<Chunk>>> cut(List<String> texts, InputType type, Chunking chunking);

  /** Says that a model is of the wrong kind. */
  static ElasticsearchStatusException unsuited(String modelId, EncoderKind kind, String wanted) {
    return new ElasticsearchStatusException(
        "model [{}] is of kind {}, which cannot do this: it takes a {}",
        RestStatus.BAD_REQUEST,
        modelId,
        kind,
        wanted);
  }
}
