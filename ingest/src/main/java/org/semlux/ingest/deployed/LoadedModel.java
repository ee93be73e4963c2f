package org.semlux.ingest.deployed;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.chunk.Chunking;

/**
 * A model on this node. Texts are cut on the calling thread.
 *
 * @param id for messages
 * @param asked how many are asking it now; whoever closes the encoder may wait for them
 */
public record LoadedModel(String id, Encoder encoder, AtomicInteger asked)
    implements DeployedModel {
  /** One that nobody waits for before it is closed. */
  public LoadedModel(String id, Encoder encoder) {
    this(id, encoder, new AtomicInteger());
  }

  @Override
  public <A> CompletableFuture<? extends A> ask(
      Function<DeployedModel, CompletableFuture<? extends A>> steps) {
    asked.incrementAndGet();
    CompletableFuture<? extends A> answer;
    try {
      answer = steps.apply(this);
    } catch (Throwable e) { // errors too: whoever closes the encoder waits for all that ask it
      answer = CompletableFuture.failedFuture(e);
    }
    var unused = answer.whenComplete((given, failure) -> asked.decrementAndGet());
    return answer;
  }

  @Override
  public EncoderKind kind() {
    return encoder.info().kind();
  }

  @Override
  public int dimensions() {
    return encoder.info().dimensions();
  }

  @Override
  public Object identity() {
    return encoder;
  }

  @Override
  public CompletableFuture<? extends List<? extends Encoding>> encode(EncodeRequest request) {
    return texts().submit(request);
  }

  @Override
  public CompletableFuture<List<PairScore>> score(
      ScoreRequest request, List<List<TokenVectors>> vectors) {
    return switch (encoder) {
      case CrossEncoder pairs -> pairs.submit(request);
      case MultiVectorEncoder pairs ->
          vectors.isEmpty() ? pairs.submit(request) : pairs.submit(request, vectors);
      case TextEncoder<?> texts ->
          throw DeployedModel.unsuited(id, kind(), "cross-encoder or multi-vector one");
    };
  }

  @Override
  public CompletableFuture<List<List<Chunk>>> cut(
      List<String> texts, InputType type, Chunking chunking) {
    TextEncoder<?> model = texts();
    return CompletableFuture.completedFuture(
        Chunker.chunkAll(texts, chunking, (text, enough) -> model.tokenStarts(text, type, enough)));
  }

  private TextEncoder<?> texts() {
    return switch (encoder) {
      case TextEncoder<?> texts -> texts;
      case CrossEncoder pairs ->
          throw DeployedModel.unsuited(id, kind(), "model that encodes texts");
    };
  }
}
