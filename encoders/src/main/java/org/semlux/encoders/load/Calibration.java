package org.semlux.encoders.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.text.PairReader;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * Texts that show which channels of a network carry large numbers, for those who round them: some
 * hundred plain sentences of many subjects and languages do.
 *
 * {@snippet lang=java :
 * Calibration texts = Calibration.read(Path.of("sentences.txt")); // a text a line
 * EncoderOptions options =
 *     EncoderOptions.defaults().withPrecision(Precision.INT8).withCalibration(texts);
 * }
 *
 * @param texts at least two
 */
public record Calibration(List<String> texts) {
  /** A model folder's own texts; those that come with the build have the same name. */
  public static final String FILE = "calibration.txt";

  /** Texts that may lie in a model's folder as {@value #FILE}; else the build's own. */
  static Calibration of(ModelFolder folder) throws IOException {
    Path own = folder.path().resolve(FILE);
    if (Files.exists(own)) {
      return read(own);
    }
    try (InputStream in = Calibration.class.getResourceAsStream(FILE)) {
      return of(FILE, new String(in.readAllBytes(), UTF_8).lines().toList());
    }
  }

  /**
   * A file's, a text a line.
   *
   * @throws IOException when it is unreadable or holds fewer than two
   */
  public static Calibration read(Path file) throws IOException {
    return of(file.toString(), Files.readAllLines(file));
  }

  private static Calibration of(String name, List<String> lines) throws IOException {
    List<String> texts = lines.stream().filter(line -> !line.isBlank()).toList();
    if (texts.size() < 2) {
      throw new IOException(
          "[" + name + "] holds " + texts.size() + " texts, calibration takes two or more");
    }
    return new Calibration(texts);
  }

  /**
   * The texts as the model reads them, sorted by length.
   *
   * @param inPairs whether it reads each with the next one
   * @throws ModelException when its tokenizer makes no pairs
   */
  List<Tokens> sequences(ModelFolder folder, Tokenizer tokenizer, boolean inPairs)
      throws IOException {
    List<Tokens> sequences = new ArrayList<>();
    if (inPairs) {
      PairReader pairs = PairReader.of(folder, tokenizer);
      for (int i = 0; i + 1 < texts.size(); i++) {
        sequences.add(pairs.tokenize(texts.get(i), texts.get(i + 1)));
      }
    } else {
      texts.forEach(text -> sequences.add(tokenizer.tokenize(text)));
    }
    sequences.sort(Comparator.comparingInt(Tokens::length));
    return sequences;
  }
}
