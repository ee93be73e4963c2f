package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;

/**
 * A model that is loaded and ready: text in, numbers out. Thread-safe. Texts of many callers share
 * batches; alone or in a batch, a text gets the same answer: a cross-encoder's to the last bit on
 * CPUs with AVX-512, all else up to rounding.
 *
 * {@snippet lang=java :
 * try (Encoder encoder = Encoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   switch (encoder) {
 *     case TextEncoder<?> texts -> System.out.println(texts.encode(List.of("Who plays?")));
 *     case CrossEncoder pairs ->
 *         System.out.println(pairs.score("Who plays?", List.of("A man plays.")));
 *   }
 * }
 * }
 */
public sealed interface Encoder extends AutoCloseable permits TextEncoder, PairScorer {
  /**
   * Loads whatever kind of model a folder holds.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used
   */
  static Encoder load(Path folder, EncoderOptions options) throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    return switch (model.kind()) {
      case DENSE -> DenseEncoder.load(folder, options);
      case SPARSE -> SparseEncoder.load(folder, options);
      case CROSS -> CrossEncoder.load(folder, options);
      case MULTI_VECTOR -> MultiVectorEncoder.load(folder, options);
    };
  }

  /** The kind of model, its sizes and what it computes in. */
  EncoderInfo info();

  /** Requests, texts and batches since it was loaded, and what waits. */
  EncoderStats stats();

  /**
   * Fails what waits with {@link EncoderClosedException} and frees native memory once the running
   * batches end. Returns at once; a second call does nothing.
   */
  @Override
  void close();

  /**
   * Completes when native memory has been freed, on the thread that did so: the one that closed
   * this, or that ran the last batch. What is made of it must not wait.
   */
  CompletableFuture<Void> released();
}
