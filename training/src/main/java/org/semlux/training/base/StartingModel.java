package org.semlux.training.base;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.semlux.encoders.api.EncoderKind;

/** What training starts from: a model's folder, or a new network over word vectors. */
public sealed interface StartingModel permits StartingFolder, WordVectorsFolder {
  /** What is read: a folder, or a file. */
  Path source();

  /** What decides the model that is written, beside the bytes of the source and the seed. */
  String deciding();

  /** Whether the source is a model of that kind, and keeps its head. */
  boolean isOf(EncoderKind kind) throws IOException;

  /** Whether the model of that kind looks its queries up in a table of term weights. */
  boolean looksUpQueries(EncoderKind kind) throws IOException;

  /** Whether it does, and the table stays as it is. */
  boolean hasFrozenTable(EncoderKind kind) throws IOException;

  /**
   * Refuses what cannot be made, before anything is written.
   *
   * @throws org.semlux.encoders.api.ModelException saying why
   */
  void check(EncoderKind kind) throws IOException;

  /**
   * Writes a whole folder with float32 weights.
   *
   * @param kind what shall be trained
   * @param target an empty folder
   * @throws org.semlux.encoders.api.ModelException when no such encoder can be made of the source
   */
  void write(EncoderKind kind, Path target) throws IOException;

  /** What both say of {@link #deciding}; checkpoints hold it. */
  static String deciding(boolean inferenceFree, OptionalDouble dropout, OptionalInt maxTokens) {
    return "inference_free=%s dropout=%s max_seq_length=%s"
        .formatted(
            inferenceFree,
            dropout.isPresent() ? dropout.getAsDouble() : null,
            maxTokens.isPresent() ? maxTokens.getAsInt() : null);
  }
}
