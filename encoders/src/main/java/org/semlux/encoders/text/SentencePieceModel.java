package org.semlux.encoders.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.semlux.encoders.api.ModelFileException;
import org.semlux.encoders.folder.JsonText;

/**
 * A SentencePiece model's file, as far as a tokenizer is made of it: protocol buffers in their wire
 * format, of which four fields count.
 *
 * @param pieces at the places of their ids
 * @param isUnigram else its pieces are those of byte pair encoding, of words or of characters
 * @param characterMap what characters are normalised to, as SentencePiece compiles it; may be empty
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto">
 *     sentencepiece_model.proto</a>
 */
record SentencePieceModel(List<Piece> pieces, boolean isUnigram, byte[] characterMap) {
  /** A piece of text with the logarithm of its likelihood. */
  record Piece(String text, float score, int type) {
    /** Whether it stands for no text, such as {@code </s>}. */
    boolean isControl() {
      return type == 3;
    }

    /** Whether it is found in a text before anything else is. */
    boolean isUserDefined() {
      return type == 4;
    }
  }

  private static final long MAX_BYTES = 100_000_000;
  private static final int NORMAL = 1;
  private static final int UNIGRAM = 1;

  /** What a field holds: bytes of a length of their own, or a number. */
  private interface Field {
    void read(int number, ByteBuffer bytes, long value);
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it is none of SentencePiece's
   */
  static SentencePieceModel read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new ModelFileException(
          JsonText.nameOf(file) + " has more than " + MAX_BYTES + " bytes");
    }
    List<Piece> pieces = new ArrayList<>();
    long[] type = {UNIGRAM};
    byte[][] map = {new byte[0]};
    try {
      fields(
          ByteBuffer.wrap(Files.readAllBytes(file)),
          (number, bytes, value) -> {
            switch (number) {
              case 1 -> pieces.add(piece(bytes));
              case 2 -> fields(bytes, (n, b, v) -> type[0] = n == 3 ? v : type[0]);
              case 3 -> fields(bytes, (n, b, v) -> map[0] = n == 2 ? content(b) : map[0]);
              default -> {}
            }
          });
    } catch (BufferUnderflowException | IllegalArgumentException | NullPointerException e) {
      throw new ModelFileException(JsonText.nameOf(file) + " is no model of SentencePiece", e);
    }
    if (pieces.isEmpty()) {
      throw new ModelFileException(
          JsonText.nameOf(file) + " is no model of SentencePiece: no pieces");
    }
    return new SentencePieceModel(List.copyOf(pieces), type[0] == UNIGRAM, map[0]);
  }

  private static Piece piece(ByteBuffer message) {
    String[] text = {""};
    float[] score = {0};
    long[] type = {NORMAL};
    fields(
        message,
        (number, bytes, value) -> {
          switch (number) {
            case 1 -> text[0] = new String(content(bytes), UTF_8);
            case 2 -> score[0] = Float.intBitsToFloat((int) value);
            case 3 -> type[0] = value;
            default -> {}
          }
        });
    return new Piece(text[0], score[0], (int) type[0]);
  }

  private static byte[] content(ByteBuffer bytes) {
    byte[] content = new byte[bytes.remaining()];
    bytes.duplicate().get(content);
    return content;
  }

  private static void fields(ByteBuffer message, Field field) {
    ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      int number = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case 0 -> field.read(number, null, varint(in));
        case 1 -> field.read(number, null, in.getLong());
        case 2 -> {
          int length = Math.toIntExact(Math.min(varint(in), Integer.MAX_VALUE));
          if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
          }
          field.read(number, in.slice(in.position(), length), 0);
          in.position(in.position() + length);
        }
        case 5 -> field.read(number, null, in.getInt());
        default -> throw new IllegalArgumentException("wire type " + (tag & 7));
      }
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than ten bytes");
  }
}
