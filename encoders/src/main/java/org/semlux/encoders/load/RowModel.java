package org.semlux.encoders.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * A network with a head that gives each sequence one row of numbers, or each token one, loaded,
 * tried out and put behind its queue. Thread-safe; closing the queue closes the model.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * DenseHead head = DenseHead.of(folder, network);
 * RowModel model =
 *     RowModel.load(
 *         folder,
 *         network,
 *         head,
 *         tokens -> head.dimensions(),
 *         tokenizer -> tokenizer::tokenize,
 *         EncoderOptions.defaults());
 * System.out.println(model.tokenizer().maxTokens() + " tokens of a text are read");
 * model.queue().close();
 * }
 */
public final class RowModel {
  /**
   * What the model gives a sequence.
   *
   * @param numbers {@code [width]}, or {@code [tokens, width]} row by row
   * @param tokens the sequence
   */
  public record Row(float[] numbers, Tokens tokens) {}

  /** How a kind of model reads a text, given its tokenizer. */
  public interface Way {
    /**
     * @throws ModelException when the tokenizer is none for that kind
     */
    Function<String, Tokens> of(Tokenizer tokenizer) throws IOException;
  }

  private final String name;
  private final LoadedModel model;
  private final ToIntFunction<Tokens> width;
  private final EncoderOptions options;
  private final EncoderQueue<Row> queue;

  private RowModel(
      String name, LoadedModel model, ToIntFunction<Tokens> width, EncoderOptions options) {
    this.name = name;
    this.model = model;
    this.width = width;
    this.options = options;
    this.queue = new EncoderQueue<>(name, this::run, options, model::close);
  }

  /**
   * Loads a folder's model and asks it a few texts.
   *
   * @param width numbers that a sequence gets
   * @param reading how this kind of model reads a text
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static RowModel load(
      ModelFolder folder,
      Network network,
      Head head,
      ToIntFunction<Tokens> width,
      Way reading,
      EncoderOptions options)
      throws IOException {
    LoadedModel model =
        LoadedModel.load(folder, network, head, options.precision(), options.calibration());
    boolean probed = false;
    try {
      RowModel rows = new RowModel(folder.name(), model, width, options);
      rows.probe(reading.of(model.tokenizer()));
      probed = true;
      return rows;
    } finally {
      if (!probed) {
        model.close();
      }
    }
  }

  private void probe(Function<String, Tokens> reading) {
    Answers.probe(
        name,
        Answers.probes(model.tokenizer().maxTokens()).stream().map(reading),
        this::run,
        this::finite);
  }

  private List<Row> run(List<Tokens> sequences) {
    try (NativeScope scope = new NativeScope()) {
      float[] numbers = scope.toFloats(model.encode(TokenBatch.of(sequences), scope));
      int all = sequences.stream().mapToInt(width).sum();
      Answers.requireCount(name, numbers, all, sequences.size());
      List<Row> rows = new ArrayList<>(sequences.size());
      int from = 0;
      for (Tokens sequence : sequences) {
        int to = from + width.applyAsInt(sequence);
        rows.add(new Row(Arrays.copyOfRange(numbers, from, to), sequence));
        from = to;
      }
      return rows;
    }
  }

  /**
   * The numbers of a row that may leave the encoder.
   *
   * @throws ModelException when one is NaN or infinite
   */
  public float[] finite(Row row) {
    Answers.requireFinite(name, row.numbers());
    return row.numbers();
  }

  /** What this is as an encoder of some kind. */
  public EncoderInfo info(EncoderKind kind, int dimensions, List<String> labels) {
    return new EncoderInfo(
        name,
        kind,
        dimensions,
        model.tokenizer().maxTokens(),
        model.tokenizer().maxTokens(),
        model.precision(),
        FastestPrecision.SERVING.reason(options.precision(), model.precision()),
        tensors().values().stream().mapToLong(Long::longValue).sum(),
        model.weights().bytes(),
        model.weights().productsPerToken(),
        labels);
  }

  /** How many trained numbers each of its tensors holds, see {@link Routes#parameters}. */
  public Map<Object, Long> tensors() {
    return model.weights().tensors();
  }

  public Tokenizer tokenizer() {
    return model.tokenizer();
  }

  public EncoderQueue<Row> queue() {
    return queue;
  }
}
