package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.load.EncoderOptions;

/**
 * An encoder of single texts, each for itself. Thread-safe.
 *
 * {@snippet lang=java :
 * try (TextEncoder<?> encoder = TextEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   EncodeRequest request = EncodeRequest.of(List.of("How do I reset my password?"));
 *   encoder
 *       .submit(request.withPriority(Priority.SEARCH))
 *       .thenAccept(answers -> System.out.println(answers.get(0))) // on a callback thread
 *       .join();
 * }
 * }
 *
 * @param <A> what a text becomes
 */
public sealed interface TextEncoder<A extends Encoding> extends Encoder
    permits DenseEncoder, SparseEncoder, MultiVectorEncoder {
  /**
   * Loads whatever model of single texts a folder holds.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, or scores pairs
   */
  static TextEncoder<?> load(Path folder, EncoderOptions options) throws IOException {
    return switch (Encoder.load(folder, options)) {
      case TextEncoder<?> encoder -> encoder;
      case CrossEncoder cross -> {
        cross.close();
        throw ModelException.of(
            cross.info().name(), "it is a cross model, which scores pairs and encodes no texts");
      }
    };
  }

  /**
   * Encodes a request's texts, in their order.
   *
   * @return one encoding a text; fails with {@link QueueFullException} when the queue has no room,
   *     {@link java.util.concurrent.TimeoutException} past the deadline, {@link ModelException} for
   *     an unknown prompt or an input type that the model has no way for, {@link
   *     EncoderClosedException}. Completes on the callback executor
   */
  CompletableFuture<List<A>> submit(EncodeRequest request);

  /**
   * Tokenizes a text on the calling thread, to see where its tokens begin.
   *
   * @param enough how many tokens the caller will look at: of a long text at least so many come
   *     back
   * @throws EncoderClosedException when the model was closed
   * @throws ModelException for an input type that the model has no way for
   */
  TokenStarts tokenStarts(String text, InputType type, int enough);

  /**
   * Encodes any number of texts and waits. They go in slices, so that the queue takes them.
   *
   * @throws QueueFullException when others keep the queue full
   */
  List<A> encodeAll(EncodeRequest request);

  /** Encodes texts and waits, however many there are. */
  default List<A> encode(List<String> texts) {
    return encodeAll(EncodeRequest.of(texts));
  }

  /** Encodes texts of one side of a search and waits. */
  default List<A> encode(List<String> texts, InputType type) {
    return encodeAll(EncodeRequest.of(texts).withInputType(type));
  }
}
