package org.semlux.plugin.forward;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.TextSpan;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.plugin.action.EncodingWire;

/** What a model answers, between nodes: encodings, scores, or the chunks of texts. */
final class Answers {
  private static final byte ENCODING = 0;
  private static final byte SCORE = 1;
  private static final byte CHUNKS = 2;

  private Answers() {}

  static void write(StreamOutput out, Object answer) throws IOException {
    switch (answer) {
      case Encoding encoding -> {
        out.writeByte(ENCODING);
        EncodingWire.write(out, encoding);
      }
      case PairScore score -> {
        out.writeByte(SCORE);
        out.writeFloatArray(score.scores());
        out.writeFloatArray(score.raw());
        out.writeVInt(score.window().from());
        out.writeVInt(score.window().to());
      }
      case List<?> chunks -> {
        out.writeByte(CHUNKS);
        out.writeVInt(chunks.size());
        for (Object chunk : chunks) {
          out.writeVInt(((Chunk) chunk).start());
          out.writeVInt(((Chunk) chunk).end());
        }
      }
      default -> throw new IllegalArgumentException("no answer of a model: " + answer.getClass());
    }
  }

  static Object read(StreamInput in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case ENCODING -> EncodingWire.read(in);
      case SCORE ->
          new PairScore(
              in.readFloatArray(), in.readFloatArray(), new TextSpan(in.readVInt(), in.readVInt()));
      case CHUNKS -> in.readCollectionAsList(c -> new Chunk(c.readVInt(), c.readVInt()));
      default -> throw new IOException("a newer Semlux answers with kind " + kind);
    };
  }
}
