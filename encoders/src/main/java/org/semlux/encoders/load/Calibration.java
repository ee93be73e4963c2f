package org.semlux.encoders.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
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
   * A file's, a text a line, in UTF-8; gzip is seen by its first bytes, a byte order mark dropped.
   *
   * @throws IOException when it is unreadable or holds fewer than two
   */
  public static Calibration read(Path file) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length > 1 && bytes[0] == (byte) 0x1f && bytes[1] == (byte) 0x8b) {
        bytes = new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
      }
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return of(file.toString(), text.replaceFirst("^\uFEFF", "").lines().toList());
    } catch (CharacterCodingException e) {
      throw new IOException("[" + file + "] is not UTF-8: convert the file first", e);
    } catch (EOFException | ZipException e) {
      throw new IOException("[" + file + "] is a damaged gzip file: " + e.getMessage(), e);
    }
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
