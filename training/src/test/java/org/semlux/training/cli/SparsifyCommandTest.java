package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;
import org.semlux.encoders.text.Vocabulary;

@Isolated("counts open handles")
class SparsifyCommandTest {
  @TempDir Path folder;
  private Path texts;
  private Path output;

  @BeforeEach
  void sentences() throws IOException {
    Vocabulary vocabulary = vocabulary(CommandLineRun.MODEL);
    List<String> words =
        Stream.iterate(0, id -> id + 1)
            .limit(vocabulary.size())
            .map(vocabulary::token)
            .filter(token -> token.matches("[a-z]{3,}"))
            .toList();
    Random random = new Random(1);
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      sentences.add(
          random
              .ints(3 + random.nextInt(10), 0, words.size())
              .mapToObj(words::get)
              .collect(Collectors.joining(" ")));
    }
    texts = Files.write(folder.resolve("texts.txt"), sentences);
    output = folder.resolve("models/sparse");
  }

  private static Vocabulary vocabulary(Path model) throws IOException {
    return Vocabulary.of(JsonFile.read(model.resolve("tokenizer.json")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense-albert-wide-mean",
        "dense-bert-mean-normalize",
        "dense-bert-prompts",
        "dense-deberta-v2-convolution-cls",
        "dense-deberta-v2-mean",
        "dense-distilbert-cls-max",
        "dense-electra-wide-mean",
        "dense-jina-embeddings-v3-mean-normalize",
        "dense-modernbert-mean",
        "dense-mpnet-mean-normalize",
        "dense-nomic-bert-mean",
        "dense-roberta-mean",
        "dense-xlm-roberta-mean"
      })
  void textsHaveAsManyTermsAsAskedFor(String base) throws IOException {
    CommandLineRun run = sparsify(CommandLineRun.MODEL.resolveSibling(base), "--terms", 20);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).endsWith("sparse model, fitted to 300 texts, about 20.0 terms a text\n");
    double mean =
        terms(Files.readAllLines(texts)).stream().mapToInt(TermWeights::size).sum() / 300.;
    assertThat(mean).isCloseTo(20, within(0.1));
  }

  @Test
  void noWordIsNearerToTextsThanOthersAreAndThoseOfNoTextAreFarther() throws IOException {
    Vocabulary vocabulary = vocabulary(CommandLineRun.MODEL);
    int words = vocabulary.size() - vocabulary.specialIds().size();
    sparsify(CommandLineRun.MODEL, "--terms", words); // so that all scores are seen

    List<String> sentences = Files.readAllLines(this.texts);
    double[][] scores = new double[vocabulary.size()][sentences.size()];
    List<TermWeights> texts = terms(sentences);
    for (int text = 0; text < scores[0].length; text++) {
      for (int i = 0; i < texts.get(text).size(); i++) {
        scores[texts.get(text).ids()[i]][text] = Math.expm1(texts.get(text).weights()[i]);
      }
    }
    Set<String> known =
        sentences.stream().flatMap(text -> Stream.of(text.split(" "))).collect(Collectors.toSet());
    List<Double> means = new ArrayList<>();
    List<Double> meansOfStrange = new ArrayList<>();
    double variance = 0;
    for (int id = 0; id < scores.length; id++) {
      double mean = Arrays.stream(scores[id]).average().orElseThrow();
      if (mean > 0) {
        (known.contains(vocabulary.token(id)) ? means : meansOfStrange).add(mean);
        variance +=
            Arrays.stream(scores[id]).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
      }
    }
    assertThat(means.size() + meansOfStrange.size()).isEqualTo(words);
    assertThat(meansOfStrange).isNotEmpty();
    assertThat(means).allSatisfy(mean -> assertThat(mean).isCloseTo(means.get(0), within(1e-3)));
    double farther = means.get(0) - 2 * Math.sqrt(variance / words);
    assertThat(meansOfStrange)
        .allSatisfy(mean -> assertThat(mean).isCloseTo(farther, within(1e-3)));
  }

  private List<TermWeights> terms(List<String> of) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (SparseEncoder encoder = SparseEncoder.load(output, options)) {
      return encoder.encode(of);
    }
  }

  @Test
  void wordsOfATextAreAmongItsTerms() throws IOException {
    sparsify(CommandLineRun.MODEL, "--terms", 50);

    int found = 0;
    int words = 0;
    List<String> sentences = Files.readAllLines(texts);
    List<TermWeights> terms = terms(sentences);
    for (int i = 0; i < sentences.size(); i++) {
      List<String> tokens = List.of(terms.get(i).tokens());
      for (String word : sentences.get(i).split(" ")) {
        words++;
        found += tokens.contains(word) ? 1 : 0;
      }
    }
    // By chance it would be a quarter. The network's weights are random.
    assertThat((double) found / words).isGreaterThan(0.3);
  }

  @Test
  void whatIsNoWordIsNoTerm() throws IOException {
    sparsify(CommandLineRun.MODEL, "--terms", 60);

    Vocabulary vocabulary = vocabulary(output);
    for (TermWeights terms : terms(List.of("[CLS] [MASK] [SEP] [PAD]", "", "[UNK]", "a man"))) {
      for (int id : terms.ids()) {
        assertThat(vocabulary.specialIds()).doesNotContain(id);
      }
    }
  }

  @Test
  void theSameTextsGiveTheSameBytesAndNoNativeMemoryStaysOpen() throws IOException {
    sparsify(CommandLineRun.MODEL);
    byte[] first = Files.readAllBytes(output.resolve("model.safetensors"));
    long open = Torch.openHandles();

    CommandLineRun again = sparsify(CommandLineRun.MODEL, "--overwrite");

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(Files.readAllBytes(output.resolve("model.safetensors"))).isEqualTo(first);
    assertThat(Torch.openHandles()).isLessThanOrEqualTo(open); // others may still be closing
  }

  @Test
  void promptsAndSimilarityAreTakenOver() throws IOException {
    sparsify(CommandLineRun.MODEL.resolveSibling("dense-bert-prompts"));

    JsonFile settings = JsonFile.read(output.resolve("config_sentence_transformers.json"));
    assertThat(settings.getObject("prompts").orElseThrow().requireString("query"))
        .isEqualTo("search for: ");
    assertThat(settings.requireString("similarity_fn_name")).isEqualTo("cosine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sparse-bert", "cross-bert", "dense-static-embedding"})
  void aBaseThatCannotBeMadeSparse(String base) {
    CommandLineRun run = sparsify(CommandLineRun.MODEL.resolveSibling(base));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("semlux: model [" + base + "]: it ");
    assertThat(run.err()).contains("can be made sparse").hasLineCount(1);
    assertThat(output).doesNotExist();
  }

  /** Heads that are narrower than the network, that are the word embedding alone, and none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense-albert-cls-normalize",
        "dense-electra-mean",
        "dense-eurobert-mean",
        "dense-gemma3-mean-normalize",
        "dense-qwen3-lasttoken-normalize",
        "dense-t5-mean-dense"
      })
  void aHeadThatCannotCarryTermWeightsIsRefused(String base) {
    assertHeadRefused(base, sparsify(CommandLineRun.MODEL.resolveSibling(base)));
  }

  /** Sums of large numbers would all come out of it as 1. */
  @ParameterizedTest
  @ValueSource(
      strings = {"dense-albert-wide-mean", "dense-bert-mean-normalize", "dense-deberta-v2-mean"})
  void anActivationWithABoundIsRefused(String base) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(base));
    Path golden = CommandLineRun.MODEL.resolveSibling(base);
    try (Stream<Path> files = Files.walk(golden)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(golden.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    Path config = copy.resolve("config.json");
    JsonObject changed = JsonFile.read(config).object();
    changed.addProperty("hidden_act", "tanh");
    JsonFile.write(config, changed, 2);

    assertHeadRefused(base, sparsify(copy));
  }

  private void assertHeadRefused(String base, CommandLineRun run) {
    assertThat(run)
        .isEqualTo(
            new CommandLineRun(
                1,
                "",
                "semlux: model [%s]: no masked language model's head of its architecture is known that term weights can be put into\n"
                    .formatted(base)));
    assertThat(output).doesNotExist();
  }

  @Test
  void badInputLeavesNothingBehind() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.txt"), "\n");
    assertThat(
            CommandLineRun.of(
                "sparsify", "--base", CommandLineRun.MODEL, "--texts", empty, "--output", output))
        .isEqualTo(new CommandLineRun(1, "", "semlux: [" + empty + "] holds no text\n"));
    assertThat(sparsify(CommandLineRun.MODEL, "--terms", 5_000).err())
        .isEqualTo("semlux: 5000.0 terms a text are more than this model has for these texts\n");
    List<String> few = Files.readAllLines(texts).subList(0, 19);
    Files.write(texts, few);
    assertThat(sparsify(CommandLineRun.MODEL).err())
        .startsWith("semlux: 19 different texts are too few to tell what is near every text");
    assertThat(sparsify(CommandLineRun.MODEL, "--terms", 0).err())
        .isEqualTo("semlux: --terms 0.0 is not from 1 to 10000\n");
    try (Stream<Path> left = Files.walk(output.getParent())) {
      assertThat(left).containsExactly(output.getParent());
    }
  }

  /** They differ behind what the model reads of them. */
  @Test
  void textsThatAreTheSameToTheModelAreRefused() throws IOException {
    String beginning = "the river rises ".repeat(100);
    List<String> lines = IntStream.range(0, 100).mapToObj(i -> beginning + i).toList();
    List<String> others = Files.readAllLines(texts).subList(0, 19);
    Files.write(texts, lines);

    assertThat(sparsify(CommandLineRun.MODEL).err())
        .startsWith("semlux: the model, which reads the beginnings of texts alone")
        .contains("sees 1 different texts in these 100, too few to tell what is near every text")
        .hasLineCount(1);
    assertThat(output).doesNotExist();

    Files.write(texts, others, StandardOpenOption.APPEND);
    CommandLineRun run = sparsify(CommandLineRun.MODEL, "--terms", 20);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void aModelIsReplacedOnlyWhenTold() {
    sparsify(CommandLineRun.MODEL);

    CommandLineRun run = sparsify(CommandLineRun.MODEL);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("holds a model already").contains("--overwrite");
  }

  private CommandLineRun sparsify(Path base, Object... options) {
    List<Object> arguments =
        new ArrayList<>(List.of("sparsify", "--base", base, "--texts", texts, "--output", output));
    arguments.addAll(List.of(options));
    return CommandLineRun.of(arguments.toArray());
  }
}
