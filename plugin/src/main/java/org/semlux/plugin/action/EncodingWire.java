package org.semlux.plugin.action;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;

/** Encodings between nodes: the kind of the encoder, then its arrays. */
public final class EncodingWire {
  private EncodingWire() {}

  public static void write(StreamOutput out, Encoding encoding) throws IOException {
    switch (encoding) {
      case DenseVector vector -> {
        out.writeEnum(EncoderKind.DENSE);
        out.writeFloatArray(vector.values());
      }
      case TermWeights terms -> {
        out.writeEnum(EncoderKind.SPARSE);
        out.writeVIntArray(terms.ids());
        out.writeStringArray(terms.tokens());
        out.writeFloatArray(terms.weights());
      }
      case TokenVectors vectors -> {
        out.writeEnum(EncoderKind.MULTI_VECTOR);
        out.writeArray(StreamOutput::writeFloatArray, vectors.vectors());
      }
    }
  }

  public static Encoding read(StreamInput in) throws IOException {
    EncoderKind kind = in.readEnum(EncoderKind.class);
    return switch (kind) {
      case DENSE -> new DenseVector(in.readFloatArray());
      case SPARSE -> new TermWeights(in.readVIntArray(), in.readStringArray(), in.readFloatArray());
      case MULTI_VECTOR ->
          new TokenVectors(in.readArray(StreamInput::readFloatArray, float[][]::new));
      case CROSS -> throw new IOException("a " + kind + " model has no encodings");
    };
  }

  /** What only a multi-vector model gives. */
  public static TokenVectors readTokenVectors(StreamInput in) throws IOException {
    return switch (read(in)) {
      case TokenVectors vectors -> vectors;
      case Encoding other ->
          throw new IOException("no vectors of tokens: " + other.getClass().getSimpleName());
    };
  }
}
