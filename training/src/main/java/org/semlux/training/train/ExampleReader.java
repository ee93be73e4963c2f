package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.LateTokens;
import org.semlux.encoders.text.PairReader;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;
import org.semlux.training.data.TrainingRow;

/**
 * A model folder that is trained: what it is made of, and how it reads rows. Like the reference, it
 * puts no prompt of the folder before a text, but those that are asked for. Where a router sends
 * queries to a table or through a network of their own, the first text of a row is one, and all
 * others are documents. The owner of the tokenizers.
 */
final class ExampleReader implements AutoCloseable {
  private final List<TextRoute> routes = new ArrayList<>();
  private final Optional<QueryTable> table;
  private final Optional<PairReader> pairs;
  private final Optional<LateTokens> late;

  private ExampleReader(ModelFolder whole) throws IOException {
    Router router = Router.of(whole);
    ModelFolder queries = router.routes().get(router.route(Optional.of(InputType.QUERY)));
    ModelFolder documents = router.routes().get(router.route(Optional.of(InputType.DOCUMENT)));
    if (whole.kind() != EncoderKind.SPARSE && whole.kind() != EncoderKind.DENSE) {
      Networks.of(whole); // says that it knows no router
    }
    if (whole.kind() == EncoderKind.DENSE) {
      DenseHead.requireOneLength(whole);
    }
    if (QueryTable.isIn(documents)) {
      throw ModelException.of(
          whole.name(), "its router looks documents up in a table: trained are tables of queries");
    }
    routes.add(TextRoute.of(documents));
    QueryTable lookedUp = null;
    boolean opened = false;
    try {
      if (QueryTable.isIn(queries)) {
        lookedUp = QueryTable.of(queries);
      }
      table = Optional.ofNullable(lookedUp);
      if (table.isEmpty() && !documents.modules().equals(queries.modules())) {
        routes.add(TextRoute.of(queries));
      }
      requireOneWidth();
      pairs =
          folder().kind() == EncoderKind.CROSS
              ? Optional.of(PairReader.of(folder(), tokenizer()))
              : Optional.empty();
      late =
          folder().kind() == EncoderKind.MULTI_VECTOR
              ? Optional.of(LateTokens.of(folder(), documents().network()))
              : Optional.empty();
      opened = true;
    } finally {
      if (!opened) {
        if (lookedUp != null) {
          lookedUp.close();
        }
        routes.forEach(TextRoute::close);
      }
    }
  }

  /** Answers of two ways are compared number by number. */
  private void requireOneWidth() throws IOException {
    int documents = documents().width();
    int queries = table.map(QueryTable::terms).orElse(routes.get(routes.size() - 1).width());
    if (queries != documents) {
      throw ModelException.of(
          folder().name(),
          "queries are told in %s %s and documents in %s"
              .formatted(
                  queries, folder().kind() == EncoderKind.SPARSE ? "terms" : "numbers", documents));
    }
  }

  /**
   * Opens a model folder.
   *
   * @throws ModelException when it cannot be trained
   */
  static ExampleReader open(Path path) throws IOException {
    return new ExampleReader(ModelFolder.open(path));
  }

  /** Its networks: that of documents, and that of queries where they have one of their own. */
  List<TextRoute> routes() {
    return List.copyOf(routes);
  }

  private TextRoute documents() {
    return routes.get(0);
  }

  private TextRoute route(int text) {
    return text == 0 ? routes.get(routes.size() - 1) : documents();
  }

  /** Which way the first text of a row goes. */
  Batch.FirstSide firstSide() {
    if (table.isPresent()) {
      return Batch.FirstSide.LOOKED_UP;
    }
    return routes.size() > 1 ? Batch.FirstSide.OWN_NETWORK : Batch.FirstSide.AS_OTHERS;
  }

  ModelFolder folder() {
    return documents().folder();
  }

  /** That of documents. */
  Tokenizer tokenizer() {
    return documents().tokenizer();
  }

  /** What queries are looked up in; empty where they go through a network. */
  Optional<QueryTable> table() {
    return table;
  }

  /** Which tokens count, of a multi-vector model. */
  Optional<LateTokens> late() {
    return late;
  }

  /** Ids that rows have in the first module of a route. */
  IntStream ids(TextRoute route, List<Example> examples) {
    Module first = route.folder().modules().get(0);
    return examples.stream()
        .flatMapToInt(
            example ->
                IntStream.range(0, example.sequences().size())
                    .filter(i -> route(i).folder().modules().get(0).equals(first))
                    .flatMap(i -> Arrays.stream(example.sequences().get(i).ids())));
  }

  /**
   * Reads rows.
   *
   * @param prompts of their columns in order; the last one's also before all texts that follow
   */
  Stream<Example> read(List<TrainingRow> rows, List<String> prompts) {
    Optional<PairReader> prompted = pairs.map(reader -> reader.behind(prompts.get(0)));
    int[] unpooled =
        IntStream.range(0, Math.max(2, prompts.size()))
            .map(i -> route(i).unpooled(prompt(prompts, i)))
            .toArray();
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
      Tokens tokens = text(i == 0, prompt(prompts, i) + texts.get(i));
      int left = unpooled[Math.min(i, unpooled.length - 1)];
      all.add(left == 0 ? tokens : tokens.withPrompt(left));
    }
    return all;
  }

  private static String prompt(List<String> prompts, int text) {
    return prompts.get(Math.min(text, prompts.size() - 1));
  }

  private Tokens text(boolean query, String text) {
    if (late.isPresent()) {
      Optional<InputType> side = Optional.of(query ? InputType.QUERY : InputType.DOCUMENT);
      return late.get().filled(side, tokenizer().of(side).tokenize(text));
    }
    return table.isPresent() && query
        ? table.get().tokenizer().tokenize(text)
        : route(query ? 0 : 1).tokenizer().tokenize(text);
  }

  @Override
  public void close() {
    table.ifPresent(QueryTable::close);
    routes.forEach(TextRoute::close);
  }
}
