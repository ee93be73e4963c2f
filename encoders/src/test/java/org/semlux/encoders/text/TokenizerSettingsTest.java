package org.semlux.encoders.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;

/** Settings beside a tokenizer, and folders without its file, as the reference reads them. */
class TokenizerSettingsTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");

  @TempDir Path temporary;

  private Path copy(String golden, JsonObject settings) throws IOException {
    Path copy = Files.createTempDirectory(temporary, "model");
    try (Stream<Path> files = Files.walk(GOLDENS.resolve(golden))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(GOLDENS.resolve(golden).relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    edit(copy.resolve("tokenizer_config.json"), settings);
    return copy;
  }

  private static void edit(Path file, JsonObject changes) throws IOException {
    JsonObject json = JsonFile.read(file).object();
    for (Map.Entry<String, JsonElement> change : changes.entrySet()) {
      json.add(change.getKey(), change.getValue());
    }
    JsonFile.write(file, json, 2);
  }

  /** A node tries such a folder more than once: none of its tokenizers may stay. */
  @Test
  void aMistakenLengthLeavesNoTokenizerOpen() throws IOException {
    Path copy = copy("dense-bert-mean-normalize", new JsonObject());
    JsonObject length = new JsonObject();
    length.addProperty("query_length", 0);
    edit(copy.resolve("sentence_bert_config.json"), length);
    int open = NativeTokenizer.OPEN.get();
    assertThatThrownBy(() -> load(copy)).hasMessageContaining("query_length");
    assertThat(NativeTokenizer.OPEN.get()).isEqualTo(open);
  }

  private static Tokenizer load(Path path) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    return Tokenizers.of(folder, Networks.of(folder));
  }

  @TestFactory
  Stream<DynamicTest> asTheReference() throws IOException {
    JsonObject all =
        JsonParser.parseString(
                Files.readString(Path.of("src/test/resources/tokenizers.json"), UTF_8))
            .getAsJsonObject();
    return StreamSupport.stream(all.getAsJsonArray("cases").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .map(
            wanted ->
                DynamicTest.dynamicTest(
                    "%s %s %s %s"
                        .formatted(
                            wanted.get("golden").getAsString(),
                            wanted.get("settings"),
                            wanted.get("truncation"),
                            wanted.get("files")),
                    () -> check(all, wanted)));
  }

  private void check(JsonObject all, JsonObject wanted) throws IOException {
    JsonObject settings = wanted.getAsJsonObject("settings").deepCopy();
    settings.add("model_max_length", all.get("length"));
    Path folder = copy(wanted.get("golden").getAsString(), settings);
    if (!wanted.get("truncation").isJsonNull()) {
      JsonObject truncation = new JsonObject();
      truncation.add("direction", wanted.get("truncation"));
      JsonObject changes = new JsonObject();
      changes.add("truncation", truncation);
      edit(folder.resolve("tokenizer.json"), changes);
    }
    if (!wanted.getAsJsonArray("files").isEmpty()) {
      useVocabularyFiles(folder);
    }
    JsonArray texts = all.getAsJsonArray("texts");
    JsonArray pairs = all.getAsJsonArray("pairs");
    try (Tokenizer tokenizer = load(folder)) {
      for (int i = 0; i < texts.size(); i++) {
        assertThat(tokenizer.tokenize(texts.get(i).getAsString()).ids())
            .as(texts.get(i).getAsString())
            .containsExactly(ints(wanted.getAsJsonArray("ids").get(i)));
      }
      TextPairs read = TextPairs.of("test", tokenizer);
      for (int i = 0; i < pairs.size(); i++) {
        JsonArray pair = pairs.get(i).getAsJsonArray();
        Tokens tokens = read.tokenize(pair.get(0).getAsString(), pair.get(1).getAsString());
        assertThat(tokens.ids()).containsExactly(ints(wanted.getAsJsonArray("pairs").get(i)));
        assertThat(tokens.types()).containsExactly(ints(wanted.getAsJsonArray("types").get(i)));
      }
    }
  }

  private static int[] ints(JsonElement list) {
    return list.getAsJsonArray().asList().stream().mapToInt(JsonElement::getAsInt).toArray();
  }

  private static void useVocabularyFiles(Path folder) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    JsonObject model = JsonFile.read(file).object().getAsJsonObject("model");
    Files.delete(file);
    if (model.get("type").getAsString().equals("WordPiece")) {
      StringBuilder lines = new StringBuilder();
      model.getAsJsonObject("vocab").entrySet().stream()
          .sorted((a, b) -> Integer.compare(a.getValue().getAsInt(), b.getValue().getAsInt()))
          .forEach(entry -> lines.append(entry.getKey()).append('\n'));
      Files.writeString(folder.resolve("vocab.txt"), lines, UTF_8);
      return;
    }
    Files.writeString(folder.resolve("vocab.json"), model.get("vocab").toString(), UTF_8);
    StringBuilder merges = new StringBuilder("#version: 0.2\n");
    for (JsonElement merge : model.getAsJsonArray("merges")) {
      String line =
          merge.isJsonArray()
              ? merge.getAsJsonArray().get(0).getAsString()
                  + " "
                  + merge.getAsJsonArray().get(1).getAsString()
              : merge.getAsString();
      merges.append(line).append('\n');
    }
    Files.writeString(folder.resolve("merges.txt"), merges, UTF_8);
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  @Test
  void eachSideHasItsLength() throws IOException {
    Path folder = copy("dense-bert-mean-normalize", json("{}"));
    edit(
        folder.resolve("sentence_bert_config.json"),
        json("{\"query_length\":6,\"document_length\":9}"));
    try (Tokenizer tokenizer = load(folder)) {
      String text = "rain ".repeat(50);
      assertThat(tokenizer.of(Optional.of(InputType.QUERY)).tokenize(text).length()).isEqualTo(6);
      assertThat(tokenizer.of(Optional.of(InputType.DOCUMENT)).tokenize(text).length())
          .isEqualTo(9);
      assertThat(tokenizer.of(Optional.empty()).tokenize(text).length()).isEqualTo(32);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"query_length", "document_length"})
  void aSideWithoutTokensIsRefused(String key) throws IOException {
    Path folder = copy("dense-bert-mean-normalize", json("{}"));
    edit(folder.resolve("sentence_bert_config.json"), json("{\"%s\":0}".formatted(key)));
    assertThatThrownBy(() -> load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("a whole number from 1 to");
  }

  /** sentence-transformers 6.2 gives such a folder 60 tokens a query and 70 a document. */
  @Test
  void sidesOfAnOlderMultiVectorFolderMayBeLongerThanItsPositions() throws IOException {
    Path folder = copy("multi-vector-modernbert-min", json("{}"));
    Path transformer = folder.resolve("sentence_bert_config.json");
    Files.delete(transformer);
    JsonFile.write(transformer, json("{\"max_seq_length\":22}"), 2);
    edit(
        folder.resolve("config_sentence_transformers.json"),
        json(
            "{\"model_type\":null,\"query_prefix\":\"\",\"document_prefix\":\"\",\"query_length\":60,"
                + "\"document_length\":70,\"attend_to_expansion_tokens\":true}"));
    ModelFolder model = ModelFolder.open(folder);
    Network network = Networks.of(model);
    assertThat(network.maxPositions()).isEqualTo(40);
    LateTokens late = LateTokens.of(model, network);
    try (Tokenizer tokenizer = Tokenizers.of(model, network)) {
      Optional<InputType> query = Optional.of(InputType.QUERY);
      for (String text : new String[] {"rain", "rain ".repeat(200)}) {
        Tokens tokens = late.filled(query, tokenizer.of(query).tokenize(text));
        assertThat(tokens.length()).isEqualTo(60);
      }
      Tokenizer documents = tokenizer.of(Optional.of(InputType.DOCUMENT));
      assertThat(documents.tokenize("rain ".repeat(200)).length()).isEqualTo(70);
      assertThat(tokenizer.tokenize("rain ".repeat(200)).length()).isEqualTo(22);
    }
  }

  /** A text of 3,000 words fits, so that it is one sequence, as of a model that reads 10,000. */
  @ParameterizedTest
  @ValueSource(ints = {10_000, 1_000_000_000, Integer.MAX_VALUE})
  void whateverLengthIsAskedForWindowsHoldTheText(int length) throws IOException {
    String text = "rain ".repeat(3_000);
    JsonObject asked = json("{\"max_seq_length\":%s}".formatted(length));
    Path pairs = copy("cross-modernbert", json("{}"));
    edit(pairs.resolve("sentence_bert_config.json"), asked);
    try (Tokenizer tokenizer = load(pairs)) {
      List<Tokens> windows = TextPairs.of("test", tokenizer).windows("snow", text);
      assertThat(windows).singleElement().matches(window -> window.length() > 3_000);
    }
    Path texts = copy("dense-modernbert-mean", json("{}"));
    edit(texts.resolve("sentence_bert_config.json"), asked);
    try (Tokenizer tokenizer = load(texts)) {
      List<Tokens> windows = TextWindows.reading(tokenizer, "", text).all();
      assertThat(windows).singleElement().matches(window -> window.length() > 3_000);
    }
  }

  @Test
  void unknownKeysAreNamed() throws IOException {
    Path unknown = copy("dense-bert-mean-normalize", json("{\"shuffle_words\":true}"));
    assertThatThrownBy(() -> load(unknown))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("shuffle_words");
    Path transformer = copy("dense-bert-mean-normalize", json("{}"));
    edit(
        transformer.resolve("sentence_bert_config.json"),
        json("{\"query_expansion\":{\"strategy\":\"fixed\",\"length\":32}}"));
    assertThatThrownBy(() -> load(transformer))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("query_expansion");
    Path on = copy("dense-bert-mean-normalize", json("{\"split_special_tokens\":true}"));
    assertThatThrownBy(() -> load(on)).hasMessageContaining("split_special_tokens");
    Path off = copy("dense-bert-mean-normalize", json("{\"split_special_tokens\":false}"));
    load(off).close();
    Path list = copy("dense-bert-mean-normalize", json("{\"odd_token\":[\"rain\"]}"));
    assertThatThrownBy(() -> load(list)).hasMessageContaining("sets [odd_token]");
    Path beside = copy("dense-bert-mean-normalize", json("{}"));
    JsonFile.write(beside.resolve("special_tokens_map.json"), json("{\"shuffle_words\":true}"), 2);
    assertThatThrownBy(() -> load(beside))
        .hasMessageContaining("its special_tokens_map.json sets [shuffle_words]");
  }

  /** The reference replaces a pattern of Mistral's architectures alone. */
  @Test
  void whatChangesNoAnswerOfTheseArchitecturesIsRead() throws IOException {
    load(copy(
            "dense-bert-mean-normalize",
            json("{\"fix_mistral_regex\":true,\"add_dummy_prefix_space\":false}")))
        .close();
  }

  /** As transformers does, which has the settings go before what the file itself asks. */
  @Test
  void paddingBeforeTextsIsRefusedWhereverItIsAskedFor() throws IOException {
    JsonObject left = json("{\"padding\":{\"direction\":\"Left\"}}");
    Path file = copy("dense-bert-mean-normalize", json("{}"));
    edit(file.resolve("tokenizer.json"), left);
    assertThatThrownBy(() -> load(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("its tokenizer.json sets [padding.direction]");
    edit(file.resolve("tokenizer_config.json"), json("{\"padding_side\":\"right\"}"));
    load(file).close();
    Path settings = copy("dense-bert-mean-normalize", json("{\"padding_side\":\"left\"}"));
    assertThatThrownBy(() -> load(settings))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("its tokenizer_config.json sets [padding_side]");
    Path late = copy("multi-vector-bert-fixed", json("{}"));
    edit(late.resolve("tokenizer.json"), left);
    ModelFolder folder = ModelFolder.open(late);
    assertThatThrownBy(() -> LateTokens.of(folder, Networks.of(folder)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("filled up before the text");
  }

  /** What tokenizers 0.23.3 makes of such a file: all of Unicode's white space, and no more. */
  @Test
  void blanksAtTheEndOfAVocabularysLinesAreNone() throws IOException {
    Path folder =
        copy("dense-bert-mean-normalize", json("{\"tokenizer_class\":\"BertTokenizer\"}"));
    Files.delete(folder.resolve("tokenizer.json"));
    List<String> lines =
        List.of(
            "[PAD]\r",
            "[UNK] \t",
            "[CLS]\u00a0",
            "[SEP]\u2028\u3000",
            "[MASK]\u000b\u0085",
            " a",
            "b\u001f",
            "c\ufeff",
            " ");
    Files.writeString(folder.resolve("vocab.txt"), String.join("\n", lines) + "\n", UTF_8);
    JsonFile file = Tokenizers.file("test", ModelFolder.open(folder).modules().get(0));
    assertThat(file.object().getAsJsonObject("model").getAsJsonObject("vocab").keySet())
        .containsExactly(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", " a", "b\u001f", "c\ufeff", "");
  }

  @Test
  void aVocabularyThatIsNoUtf8IsNamed() throws IOException {
    Path folder =
        copy("dense-bert-mean-normalize", json("{\"tokenizer_class\":\"BertTokenizer\"}"));
    Files.delete(folder.resolve("tokenizer.json"));
    Files.write(folder.resolve("vocab.txt"), "[PAD]\nd\u00e9j\u00e0\n".getBytes(ISO_8859_1));

    assertThatThrownBy(() -> Tokenizers.file("test", ModelFolder.open(folder).modules().get(0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("vocab.txt is not written in UTF-8");
  }

  /**
   * As transformers 5.23 joins them, which reads the second file where the first has no decoder.
   */
  @Test
  void namedTokensOfBothFilesAreJoined() throws IOException {
    Path folder =
        copy(
            "dense-bert-mean-normalize",
            json("{\"model_specific_special_tokens\":{\"image_token\":\"<image>\"}}"));
    JsonFile.write(
        folder.resolve("special_tokens_map.json"),
        json("{\"extra_special_tokens\":{\"video_token\":\"<video>\"}}"),
        2);
    JsonFile file = Tokenizers.file("test", ModelFolder.open(folder).modules().get(0));
    assertThat(file.object().getAsJsonArray("added_tokens").asList())
        .extracting(token -> token.getAsJsonObject().get("content").getAsString())
        .contains("<image>", "<video>");
  }

  /** With it the reference takes the steps of tokenizer.json where it else takes its class's. */
  @Test
  void trustInRemoteCodeIsRefusedWhereItDecidesTheSteps() throws IOException {
    JsonObject trusting =
        json("{\"trust_remote_code\":true,\"tokenizer_class\":\"BertTokenizer\"}");
    Path bert = copy("dense-bert-mean-normalize", trusting);
    assertThatThrownBy(() -> load(bert)).hasMessageContaining("sets [trust_remote_code]");
    trusting.addProperty("tokenizer_class", "PreTrainedTokenizerFast");
    load(copy("dense-bert-mean-normalize", trusting)).close();
    trusting.addProperty("tokenizer_class", "BertTokenizer");
    trusting.addProperty("trust_remote_code", false);
    load(copy("dense-bert-mean-normalize", trusting)).close();
  }

  @Test
  void aTokenMoreThanTheEmbeddingHasRowsIsRefusedInATextAlone() throws IOException {
    Path folder = copy("dense-bert-mean-normalize", json("{}"));
    Path file = folder.resolve("tokenizer.json");
    JsonObject tokenizer = JsonFile.read(file).object();
    int rows = Vocabulary.of(JsonFile.read(file)).size();
    JsonObject added =
        json(
            "{\"content\":\"<new>\",\"special\":true,\"normalized\":false,\"single_word\":false,\"lstrip\":false,\"rstrip\":false}");
    added.addProperty("id", rows);
    tokenizer.getAsJsonArray("added_tokens").add(added);
    JsonFile.write(file, tokenizer, 0);
    try (Tokenizer loaded = load(folder)) {
      assertThat(loaded.tokenize("the rain").length()).isEqualTo(4);
      assertThatThrownBy(() -> loaded.tokenize("the <new> rain"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("id " + rows);
    }
  }
}
