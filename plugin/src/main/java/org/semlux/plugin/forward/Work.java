package org.semlux.plugin.forward;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.ingest.chunk.Chunking;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.plugin.action.EncodingWire;

/** What one node asks of another's model: a batch of texts or pairs, as it was asked for. */
sealed interface Work extends Writeable {
  /** Asks the model; one answer a text or pair, in their order. */
  CompletableFuture<? extends List<?>> ask(DeployedModel model);

  /** Bytes of its texts, and of the vectors that go along. */
  long bytes();

  /** Bytes of what the model reads. */
  default long textBytes() {
    return bytes();
  }

  /** Before what else the model does it; empty for what is no work of the model's queue. */
  Optional<Priority> priority();

  static Work read(StreamInput in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case Encode.KIND -> Encode.read(in);
      case Score.KIND -> Score.read(in);
      case Cut.KIND -> Cut.read(in);
      default -> throw new IOException("a newer Semlux asks for work of kind " + kind);
    };
  }

  private static long bytes(List<String> texts) {
    return texts.stream().mapToLong(EncoderQueue::bytes).sum();
  }

  /** Texts into vectors or term weights. */
  record Encode(EncodeRequest request) implements Work {
    static final byte KIND = 0;

    static Work read(StreamInput in) throws IOException {
      return new Encode(
          new EncodeRequest(
              in.readStringCollectionAsList(),
              Optional.ofNullable(in.readOptionalEnum(InputType.class)),
              Optional.ofNullable(in.readOptionalString()),
              new SparseOptions(
                  in.readEnum(SpecialTokens.class),
                  new Pruning(in.readVInt(), in.readDouble(), in.readDouble())),
              in.readEnum(Priority.class),
              readDeadline(in)));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeByte(KIND);
      out.writeStringCollection(request.texts());
      out.writeOptionalEnum(request.inputType().orElse(null));
      out.writeOptionalString(request.promptName().orElse(null));
      out.writeEnum(request.terms().specialTokens());
      out.writeVInt(request.terms().pruning().maxTerms());
      out.writeDouble(request.terms().pruning().minRatio());
      out.writeDouble(request.terms().pruning().minWeight());
      out.writeEnum(request.priority());
      writeDeadline(out, request.deadline());
    }

    @Override
    public CompletableFuture<? extends List<?>> ask(DeployedModel model) {
      return model.encode(request);
    }

    @Override
    public Optional<Priority> priority() {
      return Optional.of(request.priority());
    }

    @Override
    public long bytes() {
      return Work.bytes(request.texts());
    }

    @Override
    public String toString() {
      return "texts [" + request.texts().size() + "]";
    }
  }

  /** Pairs into scores, with what is kept of the second texts. */
  record Score(ScoreRequest request, List<List<TokenVectors>> vectors) implements Work {
    static final byte KIND = 1;

    static Work read(StreamInput in) throws IOException {
      String query = in.readOptionalString();
      return new Score(
          new ScoreRequest(
              in.readCollectionAsList(
                  pair ->
                      new TextPair(query == null ? pair.readString() : query, pair.readString())),
              in.readEnum(LongTexts.class),
              in.readEnum(Priority.class),
              readDeadline(in)),
          in.readCollectionAsList(
              kept -> kept.readCollectionAsList(EncodingWire::readTokenVectors)));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeByte(KIND);
      Optional<String> query = query();
      out.writeOptionalString(query.orElse(null));
      out.writeCollection(
          request.pairs(),
          (o, pair) -> {
            if (query.isEmpty()) {
              o.writeString(pair.first());
            }
            o.writeString(pair.second());
          });
      out.writeEnum(request.longTexts());
      out.writeEnum(request.priority());
      writeDeadline(out, request.deadline());
      out.writeCollection(vectors, (o, kept) -> o.writeCollection(kept, EncodingWire::write));
    }

    /** What all pairs begin with, which is sent once. */
    private Optional<String> query() {
      List<String> firsts = request.pairs().stream().map(TextPair::first).distinct().toList();
      return firsts.size() == 1 ? Optional.of(firsts.get(0)) : Optional.empty();
    }

    @Override
    public CompletableFuture<? extends List<?>> ask(DeployedModel model) {
      return model.score(request, vectors);
    }

    @Override
    public Optional<Priority> priority() {
      return Optional.of(request.priority());
    }

    @Override
    public long bytes() {
      return textBytes() + vectors.stream().flatMap(List::stream).mapToLong(Score::bytes).sum();
    }

    @Override
    public long textBytes() {
      return request.pairs().stream().mapToLong(EncoderQueue::bytes).sum();
    }

    private static long bytes(TokenVectors kept) {
      return Arrays.stream(kept.vectors()).mapToLong(one -> (long) Float.BYTES * one.length).sum();
    }

    @Override
    public String toString() {
      return "pairs [" + request.pairs().size() + "]";
    }
  }

  /** Texts into places of passages. */
  record Cut(List<String> texts, InputType type, Chunking chunking) implements Work {
    static final byte KIND = 2;

    static Work read(StreamInput in) throws IOException {
      return new Cut(
          in.readStringCollectionAsList(),
          in.readEnum(InputType.class),
          new Chunking(
              in.readEnum(Chunking.Strategy.class), in.readVInt(), in.readVInt(), in.readVInt()));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeByte(KIND);
      out.writeStringCollection(texts);
      out.writeEnum(type);
      out.writeEnum(chunking.strategy());
      out.writeVInt(chunking.size());
      out.writeVInt(chunking.overlap());
      out.writeVInt(chunking.limit());
    }

    @Override
    public CompletableFuture<? extends List<?>> ask(DeployedModel model) {
      return model.cut(texts, type, chunking);
    }

    @Override
    public Optional<Priority> priority() {
      return Optional.empty();
    }

    @Override
    public long bytes() {
      return Work.bytes(texts);
    }

    @Override
    public String toString() {
      return "texts [" + texts.size() + "] to be cut";
    }
  }

  /** Nodes' clocks differ: the time that is left is sent. */
  private static void writeDeadline(StreamOutput out, Optional<Instant> deadline)
      throws IOException {
    out.writeOptionalVLong(
        deadline
            .map(end -> Math.max(0, Duration.between(Instant.now(), end).toMillis()))
            .orElse(null));
  }

  private static Optional<Instant> readDeadline(StreamInput in) throws IOException {
    return Optional.ofNullable(in.readOptionalVLong()).map(left -> Instant.now().plusMillis(left));
  }
}
