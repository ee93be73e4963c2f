package org.semlux.encoders.text;

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
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/**
 * A {@code tokenizer.json} whose steps are not those of its tokenizer's class, read as the
 * reference reads it ({@code tests/reference/generate_tokenizer_classes.py}).
 */
class TokenizerClassTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");

  @TempDir Path temporary;

  @TestFactory
  Stream<DynamicTest> asTheReference() throws IOException {
    JsonObject all =
        JsonParser.parseString(
                Files.readString(Path.of("src/test/resources/tokenizer-classes.json"), UTF_8))
            .getAsJsonObject();
    return StreamSupport.stream(all.getAsJsonArray("cases").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .map(
            wanted ->
                DynamicTest.dynamicTest(wanted.get("files").toString(), () -> check(all, wanted)));
  }

  private void check(JsonObject all, JsonObject wanted) throws IOException {
    Path folder = Files.createTempDirectory(temporary, "model");
    if (wanted.has("golden")) {
      Path golden = GOLDENS.resolve(wanted.get("golden").getAsString());
      Files.copy(golden.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    } else {
      JsonElement file = all.getAsJsonObject("files").get(wanted.get("file").getAsString());
      Files.writeString(folder.resolve("tokenizer.json"), file.toString());
    }
    for (Map.Entry<String, JsonElement> file : wanted.getAsJsonObject("files").entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue().toString());
    }
    int most = all.get("length").getAsInt();
    FastTokenizer.Options options =
        new FastTokenizer.Options(most, true, true, false, Integer.MAX_VALUE);
    try (FastTokenizer tokenizer = FastTokenizer.load(read(folder), options)) {
      JsonArray texts = all.getAsJsonArray("texts");
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).getAsString();
        assertTokens(text, tokenizer.tokenize(text), wanted.getAsJsonArray("texts").get(i));
      }
      TextPairs reading = TextPairs.of("model", tokenizer);
      JsonArray pairs = all.getAsJsonArray("pairs");
      for (int i = 0; i < pairs.size(); i++) {
        JsonArray pair = pairs.get(i).getAsJsonArray();
        Tokens tokens = reading.tokenize(pair.get(0).getAsString(), pair.get(1).getAsString());
        assertTokens(pair.toString(), tokens, wanted.getAsJsonArray("pairs").get(i));
      }
    }
  }

  private static JsonFile read(Path folder) throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    return Tokenizers.file(model.name(), model.modules().get(0));
  }

  private static void assertTokens(String text, Tokens tokens, JsonElement wanted) {
    assertThat(tokens.ids()).as(text).isEqualTo(ints(wanted, "ids"));
    assertThat(tokens.types()).as(text).isEqualTo(ints(wanted, "types"));
  }

  private static int[] ints(JsonElement wanted, String key) {
    return wanted.getAsJsonObject().getAsJsonArray(key).asList().stream()
        .mapToInt(JsonElement::getAsInt)
        .toArray();
  }

  @Test
  void otherClassesAreRefusedByName() throws IOException {
    Path folder = Files.createTempDirectory(temporary, "model");
    Path golden = GOLDENS.resolve("dense-bert-mean-normalize");
    Path eurobert = GOLDENS.resolve("dense-eurobert-mean");
    Files.copy(golden.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"bert\"}");
    Path config = folder.resolve("tokenizer_config.json");
    for (String name :
        new String[] {
          "HerbertTokenizerFast", "PhobertTokenizer", "LlamaTokenizer", "ConvBertTokenizer"
        }) {
      Files.writeString(config, "{\"tokenizer_class\":\"%s\"}".formatted(name));
      assertThatThrownBy(() -> read(folder))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("its tokenizer is a " + name.replace("Fast", ""))
          .hasMessageContaining("PreTrainedTokenizerFast");
    }
    String fast =
        "DPRContextEncoderTokenizerFast"; // reads the file as the one without Fast does not
    Files.writeString(config, "{\"tokenizer_class\":\"%s\"}".formatted(fast));
    assertThatThrownBy(() -> read(folder)).hasMessageContaining("its tokenizer is a " + fast);
    Files.writeString(config, "{\"tokenizer_class\":\"LlamaTokenizer\"}");
    Files.delete(folder.resolve("tokenizer.json"));
    Files.copy(eurobert.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    JsonObject bytes = JsonFile.read(eurobert.resolve("tokenizer.json")).object();
    assertThat(read(folder).object().get("pre_tokenizer")).isEqualTo(bytes.get("pre_tokenizer"));
  }

  /** Such folders have no tokenizer.json, and keys that no other class has. */
  @Test
  void otherClassesAreRefusedByNameWithoutTheFileToo() throws IOException {
    Path folder = Files.createTempDirectory(temporary, "model");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"bert\"}");
    Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n");
    for (String name : new String[] {"BertJapaneseTokenizer", "PhobertTokenizer"}) {
      Files.writeString(
          folder.resolve("tokenizer_config.json"),
          "{\"tokenizer_class\":\"%s\",\"mecab_kwargs\":{}}".formatted(name));
      assertThatThrownBy(() -> read(folder))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("its tokenizer is a " + name)
          .hasMessageContaining("there is no tokenizer.json");
    }
  }

  @Test
  void aClassIsGivenNoVocabularyOfAnotherType() throws IOException {
    Path folder = Files.createTempDirectory(temporary, "model");
    Path golden = GOLDENS.resolve("dense-gemma3-mean-normalize");
    Files.copy(golden.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"gemma3_text\"}");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("holds a Unigram model, a GemmaTokenizer has none");
  }

  @Test
  void aTextWithoutItsEndIsRefused() throws IOException {
    Path folder = Files.createTempDirectory(temporary, "model");
    Path golden = GOLDENS.resolve("dense-bert-mean-normalize");
    Files.copy(golden.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"bert\"}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"sep_token\":null}");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("say null for a token that its tokenizer's class puts around texts");
  }

  @Test
  void numberedTokensAreBounded() throws IOException {
    Path folder = Files.createTempDirectory(temporary, "model");
    Path golden = GOLDENS.resolve("dense-t5-mean-dense");
    Files.copy(golden.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"t5\"}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"extra_ids\":2000000000}");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "\"extra_ids\" is 2000000000, expected a whole number from 0 to 16384");
  }
}
