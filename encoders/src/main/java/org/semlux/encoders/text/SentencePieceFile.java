package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.semlux.encoders.api.ModelException;

/**
 * The vocabulary of a SentencePiece model with the pieces that a tokenizer class puts before and
 * behind, as a {@code tokenizer.json} which {@link TokenizerFile} completes.
 */
final class SentencePieceFile {
  private final SpecialTokens special;
  private final SentencePieceModel pieces;
  private final JsonArray vocabulary = new JsonArray();

  private SentencePieceFile(SpecialTokens special, SentencePieceModel pieces) throws IOException {
    this.special = special;
    this.pieces = pieces;
    fill();
  }

  /** Whether a folder holds a SentencePiece model that a class reads. */
  static boolean isIn(Path folder, TokenizerClass kind) {
    return !kind.sentencePiece().isEmpty()
        && Files.isRegularFile(folder.resolve(kind.sentencePiece()));
  }

  /**
   * Reads a folder's model.
   *
   * @throws ModelException when the model's pieces are none of Unigram
   */
  static SentencePieceFile read(String model, Path folder, SpecialTokens special)
      throws IOException {
    String file = special.kind().sentencePiece();
    SentencePieceModel pieces = SentencePieceModel.read(folder.resolve(file));
    if (!pieces.isUnigram()) {
      throw ModelException.of(
          model,
          "its %s is no Unigram model, which alone is read of SentencePiece's: save the tokenizer"
                  .formatted(file)
              + " once with a current transformers library");
    }
    return new SentencePieceFile(special, pieces);
  }

  private void fill() throws IOException {
    List<SentencePieceModel.Piece> stored = pieces.pieces();
    switch (special.kind()) {
      case XLM_ROBERTA -> {
        for (String key : List.of("bos_token", "pad_token", "eos_token", "unk_token")) {
          add(special.of(key), 0);
        }
        addAll(stored.subList(Math.min(3, stored.size()), stored.size()));
        add(special.of("mask_token"), 0);
      }
      case CAMEMBERT -> {
        add("<s>NOTUSED", 0);
        add(special.of("pad_token"), 0);
        add("</s>NOTUSED", 0);
        add(special.of("unk_token"), 0);
        add("<unk>NOTUSED", -100);
        addAll(stored.subList(1, stored.size()));
        add(special.of("mask_token"), 0);
      }
      case T5 -> {
        addAll(stored);
        for (String token : special.numbered().reversed()) {
          add(token, 0);
        }
      }
      default -> addAll(stored);
    }
  }

  private void addAll(List<SentencePieceModel.Piece> stored) {
    stored.forEach(piece -> add(piece.text(), piece.score()));
  }

  private void add(String text, double score) {
    JsonArray pair = new JsonArray();
    pair.add(text);
    pair.add(score);
    vocabulary.add(pair);
  }

  /** The model and what it makes of characters. */
  JsonObject json() {
    JsonObject model = new JsonObject();
    model.addProperty("type", "Unigram");
    model.add("vocab", vocabulary);
    JsonObject json = new JsonObject();
    json.addProperty("version", "1.0");
    json.add("normalizer", JsonNull.INSTANCE);
    if (pieces.characterMap().length > 0) {
      JsonObject map = new JsonObject();
      map.addProperty("type", "Precompiled");
      map.addProperty(
          "precompiled_charsmap", Base64.getEncoder().encodeToString(pieces.characterMap()));
      json.add("normalizer", map);
    }
    json.add("model", model);
    return json;
  }

  /** Pieces that are found in a text before anything else is, as the model's maker defined them. */
  List<JsonObject> defined() {
    List<JsonObject> defined = new ArrayList<>();
    for (SentencePieceModel.Piece piece : pieces.pieces()) {
      if (piece.isControl() || piece.isUserDefined()) {
        JsonObject token = AddedTokens.plain(piece.text());
        token.addProperty("special", piece.isControl());
        defined.add(token);
      }
    }
    return defined;
  }
}
