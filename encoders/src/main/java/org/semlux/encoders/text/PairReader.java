package org.semlux.encoders.text;

import java.io.IOException;
import java.util.List;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;

/**
 * How a model reads two texts as one sequence. Thread-safe.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("ms-marco-MiniLM-L6-v2"));
 * try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
 *   PairReader pairs = PairReader.of(folder, tokenizer);
 *   Tokens tokens = pairs.tokenize("Who plays?", "A man plays."); // types 0, then 1
 *   List<Tokens> windows = pairs.readingWindows("Who plays?", "A man plays. ".repeat(999)).all();
 * }
 * }
 */
public sealed interface PairReader permits TextPairs, ChatPairs {
  /**
   * A folder's way behind its default prompt: with the special tokens of its tokenizer between, or
   * in its chat template.
   *
   * @throws ModelException when there is none that is known
   */
  static PairReader of(ModelFolder folder, Tokenizer tokenizer) throws IOException {
    String prompt = Prompts.of(folder).resolve(EncodeRequest.of(List.of()));
    return ChatPairs.isIn(folder)
        ? ChatPairs.of(folder, tokenizer, prompt)
        : TextPairs.of(folder.name(), tokenizer).behind(prompt);
  }

  /**
   * The same with another prompt: before each first text, or as the system's message.
   *
   * @throws ModelException when it leaves no room for texts
   */
  PairReader behind(String prompt);

  /** A pair as the reference cuts it. */
  Reading<Tokens> reading(String text, String pair);

  /** The same, read to its end. */
  default Tokens tokenize(String text, String pair) {
    return reading(text, pair).all();
  }

  /**
   * A query before each window of a long text. Windows overlap by a quarter, so that no sentence is
   * only seen in halves; the last one ends where the text does.
   *
   * @return one sequence where the pair fits; else several, each with its span of the text
   */
  Reading<List<Tokens>> readingWindows(String query, String text);
}
