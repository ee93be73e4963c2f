package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.ScoreHead;
import org.semlux.encoders.text.LateTokens;
import org.semlux.encoders.text.PairReader;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;
import org.semlux.training.data.TrainingRow;

/**
 * A model folder that is trained: what it is made of, and how it reads rows. Like the reference, it
 * puts no prompt of the folder before a text, but those that are asked for. Where a router sends
 * queries to a table, the first text of a row is one, and all others are documents. The owner of
 * the tokenizers.
 */
final class ExampleReader implements AutoCloseable {
  private final ModelFolder folder;
  private final Network network;
  private final Head head;
  private final Tokenizer tokenizer;
  private final Optional<PairReader> pairs;
  private final Optional<QueryTable> table;
  private final Optional<LateTokens> late;

  private ExampleReader(ModelFolder whole) throws IOException {
    Router router = Router.of(whole);
    ModelFolder queries = router.routes().get(router.route(Optional.of(InputType.QUERY)));
    folder = router.routes().get(router.route(Optional.of(InputType.DOCUMENT)));
    if (whole.kind() != EncoderKind.SPARSE) {
      Networks.of(whole); // says that it knows no router
    } else if (!folder.modules().equals(queries.modules())
        && (QueryTable.isIn(folder) || !QueryTable.isIn(queries))) {
      throw ModelException.of(
          whole.name(),
          "its router gives queries a network of their own; trained are one network, and queries"
              + " that are looked up");
    }
    network = Networks.of(folder);
    head = head(folder, network);
    tokenizer = Tokenizers.of(folder, network);
    pairs =
        folder.kind() == EncoderKind.CROSS
            ? Optional.of(PairReader.of(folder, tokenizer))
            : Optional.empty();
    table = QueryTable.isIn(queries) ? Optional.of(QueryTable.of(queries)) : Optional.empty();
    if (table.isPresent() && table.get().terms() != network.vocabularySize()) {
      throw ModelException.of(
          folder.name(),
          "queries are told in %s terms and documents in %s"
              .formatted(table.get().terms(), network.vocabularySize()));
    }
    late =
        folder.kind() == EncoderKind.MULTI_VECTOR
            ? Optional.of(LateTokens.of(folder, network))
            : Optional.empty();
  }

  /**
   * Opens a model folder.
   *
   * @throws ModelException when it cannot be trained
   */
  static ExampleReader open(Path path) throws IOException {
    return new ExampleReader(ModelFolder.open(path));
  }

  private static Head head(ModelFolder folder, Network network) throws IOException {
    Head head = Head.of(folder, network);
    if (head instanceof ScoreHead classifier && !classifier.trains()) {
      throw ModelException.of(
          folder.name(), "its head reads a language model's decoder, which is not trained");
    }
    if (head instanceof ScoreHead classifier && classifier.labels().size() != 1) {
      throw ModelException.of(
          folder.name(),
          "its labels are %s: only one label can follow a score".formatted(classifier.labels()));
    }
    return head;
  }

  ModelFolder folder() {
    return folder;
  }

  Network network() {
    return network;
  }

  Head head() {
    return head;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What queries are looked up in; empty where they go the way of all texts. */
  Optional<QueryTable> table() {
    return table;
  }

  /** Which tokens count, of a multi-vector model. */
  Optional<LateTokens> late() {
    return late;
  }

  int maxTokens() {
    return tokenizer.maxTokens();
  }

  /**
   * Reads rows.
   *
   * @param prompts of their columns in order; the last one's also before all texts that follow
   */
  Stream<Example> read(List<TrainingRow> rows, List<String> prompts) {
    Optional<PairReader> prompted = pairs.map(reader -> reader.behind(prompts.get(0)));
    int[] unpooled = prompts.stream().mapToInt(this::unpooled).toArray();
    return rows.stream()
        .map(
            row ->
                new Example(
                    prompted.isPresent()
                        ? pairs(prompted.get(), row.texts())
                        : texts(row.texts(), prompts, unpooled),
                    labels(row)));
  }

  private static float[] labels(TrainingRow row) {
    float[] labels = new float[row.labels().size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = row.labels().get(i).floatValue();
    }
    return labels;
  }

  private static List<Tokens> pairs(PairReader reader, List<String> texts) {
    return texts.stream().skip(1).map(text -> reader.tokenize(texts.get(0), text)).toList();
  }

  private List<Tokens> texts(List<String> texts, List<String> prompts, int[] unpooled) {
    List<Tokens> all = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      int column = Math.min(i, prompts.size() - 1);
      Tokens tokens = text(i == 0, prompts.get(column) + texts.get(i));
      all.add(unpooled[column] == 0 ? tokens : tokens.withPrompt(unpooled[column]));
    }
    return all;
  }

  private Tokens text(boolean query, String text) {
    if (late.isPresent()) {
      Optional<InputType> side = Optional.of(query ? InputType.QUERY : InputType.DOCUMENT);
      return late.get().filled(side, tokenizer.of(side).tokenize(text));
    }
    return query && table.isPresent()
        ? table.get().tokenizer().tokenize(text)
        : tokenizer.tokenize(text);
  }

  /** Tokens of a column's prompt that are read and not pooled, which only dense heads know. */
  private int unpooled(String prompt) {
    boolean pools = !(head instanceof DenseHead dense) || dense.pooling().includePrompt();
    return pools || prompt.isEmpty() ? 0 : tokenizer.prefixLength(prompt);
  }

  @Override
  public void close() {
    table.ifPresent(QueryTable::close);
    tokenizer.close();
  }
}
