package org.semlux.plugin.forward;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.batch.InTurn;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.chunk.Chunking;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.plugin.model.NodeModel;

/**
 * A model that other nodes have loaded. Its answers come on the generic pool.
 *
 * @param generation of the upload; others of the same id answer nothing
 */
record RemoteModel(Peers peers, String id, long generation, NodeModel.Shape shape)
    implements DeployedModel {
  @Override
  public EncoderKind kind() {
    return shape.kind();
  }

  @Override
  public int dimensions() {
    return shape.dimensions();
  }

  @Override
  public Object identity() {
    return this;
  }

  @Override
  public CompletableFuture<List<Encoding>> encode(EncodeRequest request) {
    if (kind() == EncoderKind.CROSS) {
      throw DeployedModel.unsuited(id, kind(), "model that encodes texts");
    }
    return request.texts().isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : ask(new Work.Encode(request), Encoding.class);
  }

  @Override
  public CompletableFuture<List<PairScore>> score(
      ScoreRequest request, List<List<TokenVectors>> vectors) {
    if (!PairScorer.isIn(kind())) {
      throw DeployedModel.unsuited(id, kind(), "cross-encoder or multi-vector one");
    }
    return request.pairs().isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : ask(new Work.Score(request, vectors), PairScore.class);
  }

  /** Only the model's own tokens are asked of another node. */
  @Override
  public CompletableFuture<List<List<Chunk>>> cut(
      List<String> texts, InputType type, Chunking chunking) {
    if (chunking.strategy().countsTokens() && !texts.isEmpty()) {
      return InTurn.of(
          ask(new Work.Cut(texts, type, chunking)),
          cut -> CompletableFuture.completedFuture(cut.stream().map(RemoteModel::chunks).toList()));
    }
    return CompletableFuture.completedFuture(
        Chunker.chunkAll(
            texts,
            chunking,
            (text, enough) -> {
              throw new AssertionError("tokens are not counted");
            }));
  }

  private static List<Chunk> chunks(Object answer) {
    return ((List<?>) answer).stream().map(Chunk.class::cast).toList();
  }

  private <A> CompletableFuture<List<A>> ask(Work work, Class<A> type) {
    return InTurn.of(
        ask(work),
        answers -> CompletableFuture.completedFuture(answers.stream().map(type::cast).toList()));
  }

  private CompletableFuture<List<?>> ask(Work work) {
    return peers.ask(new ForwardAction.Request(id, generation, work));
  }
}
