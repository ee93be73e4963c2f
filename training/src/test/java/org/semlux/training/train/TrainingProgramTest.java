package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokens;
import org.semlux.training.ChangedFolder;
import org.semlux.training.base.StartingFolder;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.loss.Loss;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.loss.Losses;

/** The program that trains, held against the one that serves, for every golden. */
class TrainingProgramTest {
  private static final Path GOLDENS =
      Path.of(System.getProperty("basedir", ".")).resolve("../tests/src/test/resources/goldens");

  /** What {@code tests/reference/generate_training.py} made. */
  private static final Path CASES =
      Path.of(System.getProperty("basedir", ".")).resolve("src/test/resources/train");

  /** Long and short ones, so that there is padding within groups. */
  private static final List<ScoredPair> PAIRS =
      List.of(
          new ScoredPair("The river rises after three days of rain.", "rain", 0.1),
          new ScoredPair("A baker sells warm bread before sunrise.", "The cook reads a book", 0.9),
          new ScoredPair("the dog and the cat walk by the river in the rain", "a day", 0.4),
          new ScoredPair("Which planet is the coldest?", "bird", 0.7));

  @TempDir Path folder;

  static Stream<String> goldens() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDENS)) {
      return folders
          .map(golden -> golden.getFileName().toString())
          .filter(name -> !name.endsWith("3-labels")) // several labels follow no score
          .filter(name -> !name.equals("sparse-inference-free-query")) // no network reads queries
          .filter(name -> !name.endsWith("stanford")) // nor what has no module list
          .filter(name -> !name.endsWith("yes-or-no")) // whose head is rows of another weight
          .sorted()
          .toList()
          .stream();
    }
  }

  /** Without one whose encoder does more: it cuts vectors. */
  static Stream<String> plainGoldens() throws IOException {
    return goldens()
        .filter(name -> !name.equals("dense-bert-truncate-dim"))
        .filter(name -> !name.startsWith("multi-vector")); // TrainGoldensTest compares their scores
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void everyWeightGetsAGradient(String name) throws IOException {
    try (ExampleReader reader = reader(name)) {
      getsGradients(reader);
    }
  }

  private static void getsGradients(ExampleReader reader) throws IOException {
    try (TrainableModel model = load(reader);
        TrainingSteps steps = new TrainingSteps(model, new TrainingArguments())) {
      List<Example> examples = examples(reader);
      // Weights that all terms share get most of theirs from the regularizer, in some goldens.
      float[] norms = steps.gradientNorms(0, batch(reader, examples), 1e-3f, -1f);

      List<Parameter> parameters =
          model.learning(false).stream().map(model.weights().parameters()::get).toList();
      assertThat(norms).hasSize(parameters.size()).hasSizeGreaterThan(0);
      for (int i = 0; i < norms.length; i++) {
        assertThat(norms[i]).as("gradient of %s", parameters.get(i)).isFinite().isPositive();
      }
    }
  }

  /** Through the network twice, in more parts than there are threads: both passes drop the same. */
  @ParameterizedTest
  @ValueSource(strings = {"dense-bert-mean-normalize", "sparse-bert", "cross-bert"})
  void partsThatGoThroughTwiceDropTheSame(String name) throws IOException {
    TrainingArguments oneThread = new TrainingArguments();
    oneThread.checkpoints.profileSteps = 1;
    try (ExampleReader reader = reader(GOLDENS.resolve(name), OptionalDouble.of(0.3));
        TrainableModel model = load(reader);
        TrainingSteps twice = new TrainingSteps(model, oneThread);
        TrainingSteps atOnce = new TrainingSteps(model, new TrainingArguments())) {
      assumeTrue(atOnce.threads() > 1, "a core for each part");
      Batch batch = Batch.of(examples(reader), 2, 0, reader.firstSide());
      assertThat(batch.mostParts()).isEqualTo(2);
      float[] norms = atOnce.gradientNorms(3, batch, 1e-3f, -1f);

      assertThat(twice.gradientNorms(3, batch, 1e-3f, -1f)).containsExactly(norms, within(1e-4f));
      assertThat(atOnce.gradientNorms(4, batch, 1e-3f, -1f)).isNotEqualTo(norms); // of other drops
    }
  }

  @ParameterizedTest
  @MethodSource("plainGoldens")
  void trainingAnswersAsServing(String name) throws IOException {
    try (ExampleReader reader = reader(name)) {
      answersAsServing(reader);
    }
  }

  private static void answersAsServing(ExampleReader reader) throws IOException {
    try (TrainableModel model = load(reader)) {
      Batch batch = batch(reader, examples(reader));
      float[][] found = inOrder(answers(model, batch), batch);

      boolean sided = reader.firstSide() == Batch.FirstSide.OWN_NETWORK;
      float[][] wanted = served(reader.folder().path(), found[0].length, sided);
      assertThat(found).hasSameDimensionsAs(wanted);
      for (int i = 0; i < wanted.length; i++) {
        float largest = 0;
        for (float number : wanted[i]) {
          largest = Math.max(largest, Math.abs(number));
        }
        assertThat(largest).isPositive();
        assertThat(found[i]).as("answer %d", i).containsExactly(wanted[i], within(1e-5f * largest));
      }
    }
  }

  /** Those that are no operator of PyTorch's own, or that oneDNN does not fuse where it serves. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gelu_10",
        "quick_gelu",
        "hardswish",
        "mish",
        "leaky_relu",
        "relu6",
        "relu2",
        "sigmoid",
        "laplace",
        "sqrtsoftplus",
        "linear"
      })
  void everyActivationTrainsAsItServes(String name) throws IOException {
    JsonObject changes =
        JsonParser.parseString("{\"config.json\": {\"hidden_act\": \"%s\"}}".formatted(name))
            .getAsJsonObject();
    Path changed = ChangedFolder.of(GOLDENS.resolve("dense-bert-mean-normalize"), changes, folder);
    try (ExampleReader reader = reader(changed, OptionalDouble.of(0))) {
      answersAsServing(reader);
      getsGradients(reader);
    }
  }

  static Stream<String> dropped() throws IOException {
    try (Stream<Path> cases = Files.list(CASES)) {
      return cases
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("dropout-"))
          .sorted()
          .toList()
          .stream();
    }
  }

  /** Whatever drops has random numbers of its own: no two layers drop the same. */
  @ParameterizedTest
  @MethodSource("dropped")
  void dropsAsOftenAsTheReference(String name) throws IOException {
    JsonObject golden = JsonFile.read(CASES.resolve(name)).object();
    Path base = GOLDENS.resolve(golden.get("model").getAsString());
    Path changed = ChangedFolder.of(base, golden.getAsJsonObject("changes"), folder);
    try (ExampleReader reader = reader(changed, OptionalDouble.empty());
        TrainableModel model = load(reader)) {
      // Twice the same text, since attention draws for each length.
      ScoredPair pair = new ScoredPair("the cat", "the cat", 1);
      Stream<Example> examples = reader.read(List.of(TrainingRow.of(pair)), List.of(""));
      int draws = draws(model, batch(reader, examples.toList()));
      assertThat(draws).isEqualTo(golden.get("draws_per_pass").getAsInt());
    }
  }

  /** How often random numbers were taken: each time, the state goes on by a step. */
  private static int draws(TrainableModel model, Batch batch) {
    try (NativeScope scope = new NativeScope()) {
      DropoutPools pools = new DropoutPools(scope, model.dropout(), 1, 1);
      pools.prepare(0);
      long place = pools.places()[0];
      answer(model, batch.parts().get(0), pools, scope);
      int draws = 0;
      while (place != pools.places()[0] && draws < 100) {
        place = place * 6364136223846793005L + 1442695040888963407L;
        draws++;
      }
      return draws;
    }
  }

  /** As served where nobody asks for a prompt: behind the default one. */
  private static List<Example> examples(ExampleReader reader) throws IOException {
    String prompt = Prompts.of(reader.folder()).resolve(EncodeRequest.of(List.of()));
    return reader.read(PAIRS.stream().map(TrainingRow::of).toList(), List.of(prompt)).toList();
  }

  private ExampleReader reader(String name) throws IOException {
    return reader(GOLDENS.resolve(name), OptionalDouble.of(0));
  }

  private ExampleReader reader(Path base, OptionalDouble dropout) throws IOException {
    Path target = Files.createDirectory(folder.resolve("model"));
    try (ExampleReader of = ExampleReader.open(base)) {
      new StartingFolder(base, OptionalInt.empty(), dropout, false, 1)
          .write(of.folder().kind(), target);
    }
    return ExampleReader.open(target);
  }

  private static Batch batch(ExampleReader reader, List<Example> examples) {
    return Batch.of(examples, 1, 0, reader.firstSide());
  }

  private static TrainableModel load(ExampleReader reader) throws IOException {
    Loss loss = Losses.of(reader.folder().kind(), Optional.empty(), new LossArguments());
    return TrainableModel.load(
        reader,
        Precision.FLOAT32,
        Collections.nCopies(reader.routes().size(), Optional.empty()),
        Trainer.settings(new TrainingArguments(), loss, reader.late()));
  }

  /** One row a sequence. */
  private static float[][] answers(TrainableModel model, Batch batch) {
    try (NativeScope scope = new NativeScope()) {
      DropoutPools pools = new DropoutPools(scope, 0, 1, 1);
      pools.prepare(0);
      List<float[]> answers = new ArrayList<>();
      for (Batch.Part part : batch.parts()) {
        NDArray rows = answer(model, part, pools, scope);
        int width = (int) rows.getShape().get(1);
        float[] all = rows.toFloatArray();
        for (int i = 0; i < all.length; i += width) {
          answers.add(Arrays.copyOfRange(all, i, i + width));
        }
      }
      return answers.toArray(float[][]::new);
    }
  }

  private static NDArray answer(
      TrainableModel model, Batch.Part part, DropoutPools pools, NativeScope scope) {
    TrainedNetwork network = model.networks().get(part.network());
    List<PtNDArray> leaves = model.weights().leaves();
    NDList list = BatchTensors.of(part.sequences(), IntUnaryOperator.identity(), scope);
    list.addAll(named("fixed[]", pools.arrays(0)));
    list.addAll(named("w[]", network.weights().stream().map(leaves::get).toList()));
    return network.program().train("answer", list, scope).get(0);
  }

  private static <T extends NDArray> List<T> named(String name, List<T> arrays) {
    arrays.forEach(array -> array.setName(name));
    return arrays;
  }

  private static float[][] inOrder(float[][] answers, Batch batch) {
    return Arrays.stream(batch.order()).mapToObj(place -> answers[place]).toArray(float[][]::new);
  }

  /** What the encoder makes of the same texts: first ones, then second ones. */
  private static float[][] served(Path model, int width, boolean sided) throws IOException {
    List<String> texts = new ArrayList<>();
    PAIRS.forEach(pair -> texts.add(pair.sentence1()));
    PAIRS.forEach(pair -> texts.add(pair.sentence2()));
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (Encoder encoder = Encoder.load(model, options)) {
      return switch (encoder) {
        case TextEncoder<?> single ->
            Stream.concat(
                    encoded(single, texts.subList(0, PAIRS.size()), InputType.QUERY, sided),
                    encoded(
                        single,
                        texts.subList(PAIRS.size(), texts.size()),
                        InputType.DOCUMENT,
                        sided))
                .map(one -> row(one, width))
                .toArray(float[][]::new);
        case CrossEncoder cross ->
            cross.score(pairs()).stream()
                .map(score -> new float[] {score.score(), score.raw()[0]})
                .toArray(float[][]::new);
      };
    }
  }

  private static Stream<? extends Encoding> encoded(
      TextEncoder<?> encoder, List<String> texts, InputType side, boolean sided) {
    return (sided ? encoder.encode(texts, side) : encoder.encode(texts)).stream();
  }

  private static List<TextPair> pairs() {
    return PAIRS.stream().map(pair -> new TextPair(pair.sentence1(), pair.sentence2())).toList();
  }

  private static float[] row(Encoding encoding, int width) {
    return switch (encoding) {
      case DenseVector vector -> vector.values();
      case TermWeights terms -> row(terms, width);
      case TokenVectors vectors -> throw new AssertionError("is not trained");
    };
  }

  private static float[] row(TermWeights terms, int width) {
    float[] row = new float[width];
    for (int t = 0; t < terms.size(); t++) {
      row[terms.ids()[t]] = terms.weights()[t];
    }
    return row;
  }

  /** 2^30 terms of 4 queries are no array of Java's, and must not look like an empty one. */
  @Test
  void moreTermsThanAnArrayHolds() {
    QueryTable table = new QueryTable(null, null, 1 << 30, false);
    List<Tokens> queries = Collections.nCopies(4, null);
    try (NativeScope scope = new NativeScope()) {
      assertThatThrownBy(() -> table.held(queries, scope)).isInstanceOf(ArithmeticException.class);
    }
  }
}
