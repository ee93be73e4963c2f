package org.semlux.training.base;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.training.data.TextLines;
import org.semlux.training.folder.DenseLayout;

/**
 * A bi-encoder of word vectors, an LSTM over them and mean pooling. The LSTM is new.
 *
 * {@snippet lang=java :
 * Path vectors = Path.of("glove.6B.300d.txt.gz");
 * WordVectorsFolder start =
 *     new WordVectorsFolder(
 *         vectors,
 *         512,
 *         1,
 *         OptionalDouble.of(.1),
 *         true,
 *         OptionalInt.of(100_000),
 *         OptionalInt.empty(),
 *         42);
 * Path target = Files.createDirectory(Path.of("start"));
 * start.write(EncoderKind.DENSE, target); // vectors of 1,024 dimensions, 512 a way
 * }
 *
 * @param source a text file of words and numbers, as GloVe and word2vec have them, gzip or not
 * @param hidden numbers in the state of one direction
 * @param dropout its rate; 0 where empty
 * @param frozen whether the vectors stay as they are
 * @param maxWords of the file that are read, the first ones
 * @param seed of new weights
 */
public record WordVectorsFolder(
    Path source,
    int hidden,
    int layers,
    OptionalDouble dropout,
    boolean frozen,
    OptionalInt maxWords,
    OptionalInt maxTokens,
    long seed)
    implements StartingModel {
  private static final String PADDING = "PADDING_TOKEN";
  private static final int UNLIMITED = 1_000_000;
  private static final String PACKAGE = "sentence_transformer.modules.";

  private record Table(List<String> words, List<float[]> rows) {}

  @Override
  public String deciding() {
    return StartingModel.deciding(false, dropout, maxTokens)
        + " hidden_dim=%s num_layers=%s update_embeddings=%s max_vocab_size=%s"
            .formatted(hidden, layers, !frozen, maxWords.isPresent() ? maxWords.getAsInt() : null);
  }

  @Override
  public boolean isOf(EncoderKind kind) {
    return false;
  }

  @Override
  public boolean hasFrozenTable(EncoderKind kind) {
    return false;
  }

  @Override
  public boolean looksUpQueries(EncoderKind kind) {
    return false;
  }

  @Override
  public void check(EncoderKind kind) {
    if (kind != EncoderKind.DENSE) {
      throw new IllegalArgumentException(
          "word vectors make a bi-encoder, and no %s encoder".formatted(kind));
    }
  }

  /**
   * Writes the folder.
   *
   * @throws IOException when the file is no table of word vectors, naming the line
   */
  @Override
  public void write(EncoderKind kind, Path target) throws IOException {
    check(kind);
    Table table = read();
    int width = table.rows.get(0).length;
    JsonArray modules = new JsonArray();
    modules.add(DenseLayout.module(0, "", PACKAGE + "word_embeddings.WordEmbeddings"));
    modules.add(DenseLayout.module(1, "1_LSTM", PACKAGE + "lstm.LSTM"));
    modules.add(DenseLayout.module(2, "2_Pooling", PACKAGE + "pooling.Pooling"));
    JsonFile.write(target.resolve("modules.json"), modules, 2);
    DenseLayout pooled = new DenseLayout(2 * hidden, List.of("mean"), false);
    pooled.writeSettings(target);
    pooled.writePooling(Files.createDirectories(target.resolve("2_Pooling")));
    writeWords(target, table, width);
    writeLstm(Files.createDirectories(target.resolve("1_LSTM")), width);
  }

  private void writeWords(Path target, Table table, int width) throws IOException {
    JsonObject config = new JsonObject();
    config.addProperty(
        "tokenizer_class",
        "sentence_transformers.sentence_transformer.modules.tokenizer.whitespace"
            + ".WhitespaceTokenizer");
    config.addProperty("update_embeddings", !frozen);
    config.addProperty("max_seq_length", maxTokens.orElse(UNLIMITED));
    JsonFile.write(target.resolve("wordembedding_config.json"), config, 4);
    JsonObject tokenizer = new JsonObject();
    tokenizer.add("vocab", array(table.words));
    tokenizer.add("stop_words", array(StopWords.ENGLISH));
    tokenizer.addProperty("do_lower_case", false);
    JsonFile.write(target.resolve("whitespacetokenizer_config.json"), tokenizer, 4);
    float[] numbers = new float[Math.multiplyExact(table.rows.size(), width)];
    for (int i = 0; i < table.rows.size(); i++) {
      System.arraycopy(table.rows.get(i), 0, numbers, i * width, width);
    }
    Float32Tensors tensors = new Float32Tensors();
    tensors.add("emb_layer.weight", numbers, table.rows.size(), width);
    StartingFolder.write(target, tensors);
  }

  private static JsonArray array(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }

  /** Uniform within one over the root of the state's width, as PyTorch initialises. */
  private void writeLstm(Path folder, int width) throws IOException {
    JsonObject config = new JsonObject();
    config.addProperty("embedding_dimension", width);
    config.addProperty("hidden_dim", hidden);
    config.addProperty("num_layers", layers);
    config.addProperty("dropout", dropout.orElse(0));
    config.addProperty("bidirectional", true);
    JsonFile.write(folder.resolve("lstm_config.json"), config, 4);
    SplittableRandom random = new SplittableRandom(seed);
    Float32Tensors tensors = new Float32Tensors();
    for (int layer = 0; layer < layers; layer++) {
      for (String direction : List.of("", "_reverse")) {
        String suffix = "_l" + layer + direction;
        int in = layer == 0 ? width : 2 * hidden;
        tensors.add(
            "encoder.weight_ih" + suffix, uniform(random, 4 * hidden * in), 4L * hidden, in);
        tensors.add(
            "encoder.weight_hh" + suffix,
            uniform(random, 4 * hidden * hidden),
            4L * hidden,
            hidden);
        tensors.add("encoder.bias_ih" + suffix, uniform(random, 4 * hidden), 4L * hidden);
        tensors.add("encoder.bias_hh" + suffix, uniform(random, 4 * hidden), 4L * hidden);
      }
    }
    StartingFolder.write(folder, tensors);
  }

  private float[] uniform(SplittableRandom random, int count) {
    double bound = 1 / Math.sqrt(hidden);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextDouble(-bound, bound);
    }
    return numbers;
  }

  /** The first row belongs to no word. */
  private Table read() throws IOException {
    Table table = new Table(new ArrayList<>(List.of(PADDING)), new ArrayList<>());
    long others = 0;
    try (TextLines lines = TextLines.open(source)) {
      boolean first = true;
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        String[] fields = line.get().stripTrailing().split(" ", -1);
        boolean header = first && fields.length == 2; // word2vec's: rows and width
        first = false;
        if (!header && !line.get().isBlank()) {
          others += add(table, fields, lines.where()) ? 0 : 1;
        }
        if (maxWords.isPresent() && table.words.size() > maxWords.getAsInt()) {
          break;
        }
      }
    }
    if (table.rows.isEmpty()) {
      throw new IOException(source + " holds no word vectors");
    }
    int words = table.words.size() - 1;
    if (others > words) {
      throw new IOException(
          "[%s]: %s of %s lines have not %s numbers behind a word, as the first has: one blank is to stand before each"
              .formatted(source, others, others + words, table.rows.get(0).length));
    }
    return table;
  }

  /** Whether a line has as many numbers as others. */
  private static boolean add(Table table, String[] fields, String where) throws IOException {
    if (table.rows.isEmpty()) {
      if (fields.length < 2) {
        throw new IOException(where + ": no word with its numbers");
      }
      table.rows.add(new float[fields.length - 1]);
    }
    int width = table.rows.get(0).length;
    if (fields.length != width + 1) {
      return false; // as the reference: a few words of some files hold spaces
    }
    float[] row = new float[width];
    for (int i = 0; i < width; i++) {
      try {
        row[i] = Float.parseFloat(fields[i + 1]);
      } catch (NumberFormatException e) {
        throw new IOException("%s: [%s] is no number".formatted(where, fields[i + 1]), e);
      }
      if (!Float.isFinite(row[i])) {
        throw new IOException("%s: [%s] is not finite".formatted(where, fields[i + 1]));
      }
    }
    table.words.add(fields[0]);
    table.rows.add(row);
    return true;
  }
}
