package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.folder.ModelFiles;
import picocli.CommandLine;

/**
 * Imports of a small BERT, exported by PyTorch; its tokenizer and the answers of
 * sentence-transformers for it lie beside. {@code tests/reference/tiny_onnx.py} makes them.
 */
class ImportCommandTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir Path temporary;
  private Path source;
  private Path output;
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void folders() throws IOException {
    source = Files.createDirectory(temporary.resolve("source"));
    output = temporary.resolve("models").resolve("tiny");
  }

  private static Path resource(String name) throws IOException {
    try {
      return Path.of(ImportCommandTest.class.getResource("tiny-bert/" + name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private Path put(String name, String as) throws IOException {
    Path file = source.resolve(as);
    Files.createDirectories(file.getParent());
    return Files.copy(resource(name), file);
  }

  private int run(Object... arguments) {
    String[] texts = Stream.of(arguments).map(Object::toString).toArray(String[]::new);
    return new CommandLine(new ImportCommand())
        .setErr(new PrintWriter(err, true))
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              line.getErr().println(e.getMessage());
              return 1;
            })
        .execute(texts);
  }

  private void succeed(Object... arguments) {
    assertThat(run(arguments)).as(err.toString()).isZero();
  }

  private void fail(String message, Object... arguments) {
    assertThat(run(arguments)).isEqualTo(1);
    assertThat(err.toString()).contains(message);
    // Nothing half-written, and nothing hidden.
    Path parent = output.getParent();
    assertThat(Files.exists(parent) ? parent.toFile().list() : new String[0]).isEmpty();
  }

  private void assertAnswers() throws IOException {
    JsonFile expected = JsonFile.read(resource("expected.json"));
    List<String> texts = new ArrayList<>();
    expected.object().getAsJsonArray("texts").forEach(text -> texts.add(text.getAsString()));
    JsonArray embeddings = expected.object().getAsJsonArray("embeddings");
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (DenseEncoder encoder = DenseEncoder.load(output, options)) {
      assertThat(encoder.info().maxTokens()).isEqualTo(expected.requireInt("max_tokens"));
      List<DenseVector> vectors = encoder.encode(texts);
      for (int i = 0; i < texts.size(); i++) {
        JsonArray row = embeddings.get(i).getAsJsonArray();
        assertThat(vectors.get(i).values()).hasSize(row.size());
        for (int k = 0; k < row.size(); k++) {
          assertThat((double) vectors.get(i).values()[k])
              .as("%s [%d]", texts.get(i), k)
              .isCloseTo(row.get(k).getAsDouble(), within(TOLERANCE));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"traced.onnx", "exported.onnx"})
  void bothOfPyTorchsExportersAnswerAsTheReference(String export) throws IOException {
    put(export, "onnx/model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", output, "--normalize", "--max-seq-length", 24);

    assertAnswers();
    assertThat(err.toString())
        .contains("dense model of Transformer, Pooling, Normalize; 16 dimensions, 24 tokens");
    JsonObject config = JsonFile.read(output.resolve("config.json")).object();
    assertThat(config.get("num_attention_heads").getAsInt()).isEqualTo(2);
    assertThat(config.get("pad_token_id").getAsInt()).isZero();
    assertThat(output.getParent().toFile().list()).containsExactly("tiny");
  }

  @Test
  void pointersAndAdaptersAreNamed() throws IOException {
    put("tokenizer.json", "tokenizer.json");
    Files.writeString(
        source.resolve("model.onnx"),
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90868376\n");
    fail("model.onnx is a Git LFS pointer", source, "--output", output);
    Files.writeString(source.resolve("adapter_config.json"), "{}");
    fail("it holds a PEFT adapter", source, "--output", output);
  }

  @Test
  void adaptersInFoldersOfTheirOwnAreTold() throws IOException {
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    Files.createDirectories(source.resolve("adapters/retrieval"));
    Files.writeString(source.resolve("adapters/retrieval/adapter_config.json"), "{}");
    succeed(source, "--output", output);
    assertThat(err.toString()).contains("the PEFT adapters in [adapters/retrieval] are left out, ");
    assertThat(output.resolve("adapters")).doesNotExist();

    err.getBuffer().setLength(0); // what lies beside a file is not its own
    succeed(source.resolve("model.onnx"), "--output", output, "--overwrite");
    assertThat(err.toString()).doesNotContain("adapters");
  }

  @Test
  void anAdapterOfAModuleIsNamed() throws IOException {
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", output);
    Files.writeString(output.resolve("1_Pooling/adapter_config.json"), "{}");
    Path second = temporary.resolve("others/second");
    assertThat(run(output, "--output", second)).isEqualTo(1);
    assertThat(err.toString()).contains("it holds a PEFT adapter");
  }

  @Test
  void whatTheSourceDoesNotSayIsSaid() throws IOException {
    put("traced.onnx", "onnx/model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", output);
    assertThat(err.toString())
        .contains("assumed: mean pooling (else --pooling)")
        .contains("vectors as long as they come (else --normalize)")
        .containsPattern("texts of \\d+ tokens \\(else --max-seq-length\\)");

    err.getBuffer().setLength(0);
    Object[] chosen = {"--pooling", "cls", "--normalize", "--max-seq-length", 24, "--overwrite"};
    succeed(Stream.concat(Stream.of(source, "--output", output), Stream.of(chosen)).toArray());
    assertThat(err.toString()).contains("dense model").doesNotContain("assumed");
  }

  @Test
  void aModelInAJarIsFoundUnderItsOwnName() throws IOException {
    Path jar = temporary.resolve("tiny.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      add(zip, "META-INF/MANIFEST.MF", resource("expected.json"));
      add(zip, "models/tiny-bert-q.onnx", resource("traced.onnx"));
      add(zip, "models/tiny-bert-q-tokenizer.json", resource("tokenizer.json"));
    }
    succeed(jar, "--output", output, "--normalize", "--max-seq-length", 24);

    assertAnswers();
    assertThat(output.resolve("tokenizer.json")).exists();
  }

  private static void add(ZipOutputStream zip, String name, Path file) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    Files.copy(file, zip);
    zip.closeEntry();
  }

  @Test
  void anOnnxFileIsTakenWithTheTokenizerOfItsName() throws IOException {
    Path onnx = put("traced.onnx", "tiny.onnx");
    put("tokenizer.json", "tiny-tokenizer.json");
    Files.writeString(source.resolve("other-tokenizer.json"), "{}");
    succeed(onnx, "--output", output, "--normalize", "--max-seq-length", 24);

    assertAnswers();
  }

  /** The length that is asked for stands in the folder before what it holds is looked at. */
  @Test
  void aLengthThatNoModelHasIsReplaced() throws IOException {
    Path first = temporary.resolve("first");
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", first, "--normalize", "--max-seq-length", 24);
    Path settings = first.resolve("sentence_bert_config.json");
    Files.writeString(settings, "{\"max_seq_length\": 0}");

    fail("texts of 0 tokens", first, "--output", output);
    succeed(first, "--output", output, "--max-seq-length", 24);
    assertAnswers();
  }

  /** What import writes is a folder with safetensors, and importing that again changes nothing. */
  @Test
  void aModelFolderIsCopied() throws IOException {
    Path first = temporary.resolve("first");
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", first, "--normalize", "--max-seq-length", 24);
    Files.writeString(first.resolve("pytorch_model.bin"), "stays behind");
    // Shared folders are often read-only.
    Files.setPosixFilePermissions(
        first.resolve("tokenizer_config.json"), PosixFilePermissions.fromString("r--r--r--"));
    succeed(first, "--output", output);

    assertAnswers();
    Files.delete(first.resolve("pytorch_model.bin"));
    try (Stream<Path> files = Files.walk(first)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(output.resolve(first.relativize(file))).hasSameBinaryContentAs(file);
      }
    }
    assertThat(output.resolve("pytorch_model.bin")).doesNotExist();
    assertThat(Files.isWritable(output.resolve("tokenizer_config.json"))).isTrue();
  }

  /** A router keeps its modules in folders that its own config names. */
  @Test
  void aRoutersFoldersComeAlong() throws IOException {
    Path router = Path.of("../tests/src/test/resources/goldens/sparse-inference-free-query");
    succeed(router, "--output", output);
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (TextEncoder<?> from = TextEncoder.load(router, options);
        TextEncoder<?> to = TextEncoder.load(output, options)) {
      for (InputType side : InputType.values()) {
        List<String> texts = List.of("the dog walks by the river");
        assertThat(to.encode(texts, side)).isEqualTo(from.encode(texts, side));
      }
    }
    assertThat(ModelFiles.of(output)).isEqualTo(ModelFiles.of(router));
  }

  @Test
  void aPlainTransformerGetsTheModulesThatAreAskedFor() throws IOException {
    Path plain = temporary.resolve("plain");
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", plain);
    for (String name : List.of("modules.json", "config_sentence_transformers.json")) {
      Files.delete(plain.resolve(name));
    }
    succeed(plain, "--output", output, "--pooling", "max,mean", "--max-seq-length", 9);

    ModelFolder model = ModelFolder.open(output);
    assertThat(model.modules()).extracting("type").containsExactly("Transformer", "Pooling");
    try (DenseEncoder encoder = DenseEncoder.load(output, EncoderOptions.defaults())) {
      assertThat(encoder.info().dimensions()).isEqualTo(32);
      assertThat(encoder.info().maxTokens()).isEqualTo(9);
    }
  }

  @Test
  void aNetworkThatComputesItsPositionsMayBeAskedForMore() throws IOException {
    Path rotary = CommandLineRun.golden("dense-modernbert-mean"); // of 40 positions
    succeed(rotary, "--output", output, "--max-seq-length", 90);
    try (DenseEncoder encoder = DenseEncoder.load(output, EncoderOptions.defaults())) {
      assertThat(encoder.info().maxTokens()).isEqualTo(90);
    }
  }

  /** As the reference takes one that no modules.json says more of. */
  @Test
  void aCausalLanguageModelIsPooledByItsLastToken() throws IOException {
    Path plain = Files.createDirectory(temporary.resolve("causal"));
    Path golden = CommandLineRun.golden("dense-qwen3-lasttoken-normalize");
    for (String name : List.of("tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
      Files.copy(golden.resolve(name), plain.resolve(name));
    }
    Path config = plain.resolve("config.json");
    String text = Files.readString(golden.resolve("config.json"));
    Files.writeString(config, text.replace("Qwen3Model", "Qwen3ForCausalLM"));
    Path template = Files.writeString(plain.resolve("chat_template.jinja"), "{{ messages }}");
    fail("take the template away (chat_template.jinja), or save", plain, "--output", output);

    Files.delete(template);
    succeed(plain, "--output", output);
    assertThat(err.toString()).contains("assumed: lasttoken pooling (else --pooling)");
  }

  /** Where no file says how many tokens are read, one is told. */
  @Test
  void theLengthIsSaidWhereNoFileSaysIt() throws IOException {
    Path golden = CommandLineRun.golden("dense-bert-mean-normalize");
    Path bare = Files.createDirectory(temporary.resolve("bare"));
    for (Path file : ModelFiles.of(golden)) {
      Files.createDirectories(bare.resolve(file).getParent());
      Files.copy(golden.resolve(file), bare.resolve(file));
    }
    Files.writeString(bare.resolve("sentence_bert_config.json"), "{\"do_lower_case\": false}");
    JsonObject tokenizer = JsonFile.read(bare.resolve("tokenizer_config.json")).object();
    tokenizer.remove("model_max_length");
    JsonFile.write(bare.resolve("tokenizer_config.json"), tokenizer, 2);

    for (Double asked :
        new Double[] {null, 1e30}) { // which is what a tokenizer that was not told has
      tokenizer.addProperty("model_max_length", asked);
      JsonFile.write(bare.resolve("tokenizer_config.json"), tokenizer, 2);
      succeed(bare, "--output", output, "--overwrite");
      assertThat(err.toString()).contains("assumed: texts of 40 tokens (else --max-seq-length)");
      tokenizer.remove("model_max_length");
      JsonFile.write(bare.resolve("tokenizer_config.json"), tokenizer, 2);
    }
    succeed(bare, "--output", output, "--overwrite", "--max-seq-length", 9);
    assertThat(err.toString()).containsOnlyOnce("32 dimensions, 9 tokens").endsWith("parameters\n");

    try (DenseEncoder encoder = DenseEncoder.load(output, EncoderOptions.defaults())) {
      assertThat(encoder.info().maxTokens()).isEqualTo(9);
    }
    assertThat(JsonFile.read(output.resolve("sentence_bert_config.json")).object().keySet())
        .containsExactly("do_lower_case", "max_seq_length");
  }

  /** As sentence-transformers' SparseEncoder takes one, and as its SentenceTransformer does. */
  @Test
  void aMaskedLanguageModelIsSparseUnlessPoolingIsGiven() throws IOException {
    Path golden = CommandLineRun.golden("sparse-bert");
    Path plain = Files.createDirectory(temporary.resolve("masked"));
    for (String name :
        List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
      Files.copy(golden.resolve(name), plain.resolve(name));
    }
    succeed(plain, "--output", output);
    assertThat(err.toString()).contains("assumed: a sparse encoder, SPLADE").contains("--pooling");
    assertThat(ModelFolder.open(output).kind()).isEqualTo(EncoderKind.SPARSE);

    succeed(plain, "--output", output, "--overwrite", "--pooling", "cls");
    assertThat(ModelFolder.open(output).kind()).isEqualTo(EncoderKind.DENSE);
  }

  /** As large models have it: no weights that are read, and why. */
  @Test
  void picklesInPiecesAreRefusedAsOneIs() throws IOException {
    Path plain = Files.createDirectory(temporary.resolve("pieces"));
    Path golden = CommandLineRun.golden("dense-bert-mean-normalize");
    for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(golden.resolve(name), plain.resolve(name));
    }
    Files.writeString(plain.resolve("pytorch_model-00002-of-00002.bin"), "");
    Files.writeString(plain.resolve("pytorch_model-00001-of-00002.bin"), "");
    fail("only in pytorch_model-00001-of-00002.bin, a pickle", plain, "--output", output);
  }

  /** Without modules.json the tokenizer's settings alone are read. */
  @Test
  void theLengthOfAPlainRerankerIsTheTokenizers() throws IOException {
    Path golden = CommandLineRun.golden("cross-bert");
    Path bare = Files.createDirectory(temporary.resolve("bare"));
    for (Path file : ModelFiles.of(golden)) {
      if (!file.startsWith("modules.json")) {
        Files.createDirectories(bare.resolve(file).getParent());
        Files.copy(golden.resolve(file), bare.resolve(file));
      }
    }
    JsonObject tokenizer = JsonFile.read(bare.resolve("tokenizer_config.json")).object();
    tokenizer.remove("model_max_length");
    JsonFile.write(bare.resolve("tokenizer_config.json"), tokenizer, 2);

    succeed(bare, "--output", output, "--max-seq-length", 9);

    try (CrossEncoder encoder = CrossEncoder.load(output, EncoderOptions.defaults())) {
      assertThat(encoder.info().maxTokens()).isEqualTo(9);
    }
  }

  @Test
  void theSourcesOwnConfigIsKept() throws IOException {
    Path first = temporary.resolve("first");
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", first, "--num-attention-heads", 2, "--model-type", "bert");
    JsonObject config = JsonFile.read(first.resolve("config.json")).object();
    config.addProperty("hidden_dropout_prob", 0.25);
    JsonFile.write(source.resolve("config.json"), config, 2);
    succeed(source, "--output", output, "--normalize", "--max-seq-length", 24);

    assertAnswers();
    JsonElement kept =
        JsonFile.read(output.resolve("config.json")).object().get("hidden_dropout_prob");
    assertThat(kept.getAsDouble()).isEqualTo(0.25);
    err.getBuffer().setLength(0);
    assertThat(run(source, "--output", output, "--overwrite", "--num-attention-heads", 2)).isOne();
    assertThat(err.toString()).contains("--num-attention-heads is for what a source leaves open");
  }

  @Test
  void anOlderModelIsReplacedOnlyWhenAsked() throws IOException {
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    succeed(source, "--output", output, "--pooling", "cls");

    assertThat(run(source, "--output", output)).isEqualTo(1);
    assertThat(err.toString()).contains("--overwrite");
    succeed(source, "--output", output, "--overwrite", "--normalize", "--max-seq-length", 24);
    assertAnswers();
  }

  @Test
  void theSourceIsNeverReplaced() throws IOException {
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");

    assertThat(run(source, "--output", source, "--overwrite")).isEqualTo(1);
    assertThat(err.toString()).contains("would replace the source");
    assertThat(source.resolve("model.onnx")).exists();
  }

  /** What a stranger's folder leads to elsewhere is nobody's business; a hub's cache is its own. */
  @ParameterizedTest
  @ValueSource(strings = {"model.onnx", "tokenizer.json", "README.md"})
  void linksOutOfTheSourceAreNotFollowed(String name) throws IOException {
    put("traced.onnx", "model.onnx");
    put("tokenizer.json", "tokenizer.json");
    Files.writeString(source.resolve("README.md"), "# A model");
    Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere"));
    Path outside = elsewhere.resolve("file");
    Files.move(source.resolve(name), outside);
    Files.createSymbolicLink(source.resolve(name), outside);

    fail("[" + name + "] of the model folder is a link to elsewhere", source, "--output", output);

    Path blobs = Files.createDirectories(temporary.resolve("hub/blobs"));
    Path snapshot = temporary.resolve("hub/snapshots/1");
    Files.createDirectories(snapshot.getParent());
    Files.move(source, snapshot);
    Files.move(outside, blobs.resolve("file"));
    Files.delete(snapshot.resolve(name));
    Files.createSymbolicLink(snapshot.resolve(name), blobs.resolve("file"));
    succeed(snapshot, "--output", output, "--normalize");
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    fail(
        "no such file or folder: " + temporary.resolve("gone"),
        temporary.resolve("gone"),
        "--output",
        output);
    put("traced.onnx", "model.onnx");
    fail("no tokenizer.json", source, "--output", output);
    put("tokenizer.json", "tokenizer.json");
    fail("unknown pooling [sum]", source, "--output", output, "--pooling", "sum");
    fail(
        "--max-seq-length 33 is not from 1 to 32, which this model reads",
        source,
        "--output",
        output,
        "--max-seq-length",
        33);
    Files.delete(source.resolve("model.onnx"));
    fail("neither modules.json nor config.json", source, "--output", output);
  }

  @Test
  void aLengthThatCutsNothingIsRefused() throws IOException {
    fail(
        "--max-seq-length is for a transformer, and the model begins with StaticEmbedding",
        CommandLineRun.golden("dense-static-embedding"),
        "--output",
        output,
        "--max-seq-length",
        9);
    fail(
        "--max-seq-length would change nothing",
        CommandLineRun.golden("multi-vector-bert-fixed"),
        "--output",
        output,
        "--max-seq-length",
        9);
    Path sparse = CommandLineRun.golden("sparse-bert");
    succeed(sparse, "--output", output, "--max-seq-length", 9);
    try (SparseEncoder encoder = SparseEncoder.load(output, EncoderOptions.defaults())) {
      assertThat(encoder.info().maxTokens()).isEqualTo(9);
    }
  }

  /** Wherever it stands: weights may be gigabytes, and here they are damaged. */
  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-dense, 1_Pooling/config.json, mean, sum, unknown pooling",
    "dense-bert-mean-dense, 2_Dense/config.json, Tanh, Tank, Tank",
    "sparse-inference-free-query, document_0_Transformer/config.json, bert, mamba, unknown architecture"
  })
  void settingsAreCheckedBeforeWeightsAreCopied(
      String golden, String file, String said, String wrong, String message) throws IOException {
    Path from = CommandLineRun.golden(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path path : files.filter(Files::isRegularFile).toList()) {
        Path to = source.resolve(from.relativize(path).toString());
        Files.createDirectories(to.getParent());
        byte[] bytes = Files.readAllBytes(path);
        boolean weights = path.toString().endsWith(".safetensors");
        Files.write(to, weights ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
      }
    }
    fail("truncated", source, "--output", output);
    Path settings = source.resolve(file);
    Files.writeString(settings, Files.readString(settings).replace(said, wrong));
    err.getBuffer().setLength(0);
    fail(message, source, "--output", output);
    assertThat(err.toString()).doesNotContain("truncated");
  }

  @Test
  void picklesAreRefusedWithWhatToDo() throws IOException {
    Files.writeString(source.resolve("config.json"), "{\"model_type\":\"bert\"}");
    Files.writeString(source.resolve("pytorch_model.bin"), "a pickle");
    put("tokenizer.json", "tokenizer.json");

    fail("safe_serialization=True", source, "--output", output);
  }

  @Test
  void damagedFilesAreReportedAsTheyAre() throws IOException {
    byte[] whole = Files.readAllBytes(resource("traced.onnx"));
    Files.write(source.resolve("model.onnx"), Arrays.copyOf(whole, whole.length / 2));
    put("tokenizer.json", "tokenizer.json");
    fail("model.onnx is truncated, damaged or no ONNX file", source, "--output", output);

    Path zip = Files.writeString(temporary.resolve("model.zip"), "no archive");
    fail("model.zip is damaged or no archive", zip, "--output", output);
    Path other = Files.writeString(temporary.resolve("model.gguf"), "");
    fail("neither a folder nor an .onnx, .jar or .zip file", other, "--output", output);
  }

  @Test
  void aFolderOfSeveralGraphsNeedsAChoice() throws IOException {
    Path one = put("traced.onnx", "onnx/model_fp16.onnx");
    put("exported.onnx", "onnx/model_float.onnx");
    put("tokenizer.json", "tokenizer.json");
    fail("several ONNX files", source, "--output", output);

    succeed(one, "--output", output, "--normalize", "--max-seq-length", 24);
    assertAnswers();
  }
}
