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
import java.util.Arrays;
import java.util.Random;
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
 * Folders with a SentencePiece model and no {@code tokenizer.json}, read as the reference reads
 * them. {@code tests/reference/generate_sentencepiece.py} makes the models and the ids.
 */
class SentencePieceTest {
  private static final Path MODELS = Path.of("src/test/resources/sentencepiece");

  @TempDir Path temporary;

  @TestFactory
  Stream<DynamicTest> asTheReference() throws IOException {
    JsonObject all =
        JsonParser.parseString(Files.readString(MODELS.resolve("cases.json"), UTF_8))
            .getAsJsonObject();
    return StreamSupport.stream(all.getAsJsonArray("cases").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .flatMap(
            wanted ->
                Stream.concat(Stream.of(""), architectures(wanted))
                    .map(
                        architecture ->
                            DynamicTest.dynamicTest(
                                wanted.get("settings") + " " + architecture,
                                () -> check(all, wanted, architecture))));
  }

  /** Those whose tokenizer is of the case's class where no file names one. */
  private static Stream<String> architectures(JsonObject wanted) {
    return wanted.getAsJsonArray("architectures").asList().stream().map(JsonElement::getAsString);
  }

  private void check(JsonObject all, JsonObject wanted, String architecture) throws IOException {
    JsonObject settings = wanted.getAsJsonObject("settings").deepCopy();
    JsonObject config = new JsonObject();
    if (!architecture.isEmpty()) {
      settings.remove("tokenizer_class");
      config.addProperty("model_type", architecture);
    }
    Path folder = Files.createTempDirectory(temporary, "model");
    Files.copy(
        MODELS.resolve(wanted.get("model").getAsString() + ".model"),
        folder.resolve(wanted.get("file").getAsString()));
    Files.writeString(folder.resolve("config.json"), config.toString());
    Files.writeString(folder.resolve("tokenizer_config.json"), settings.toString());
    ModelFolder model = ModelFolder.open(folder);
    JsonFile file = Tokenizers.file(model.name(), model.modules().get(0));
    int most = settings.get("model_max_length").getAsInt();
    try (FastTokenizer tokenizer =
        FastTokenizer.load(
            file, new FastTokenizer.Options(most, true, true, false, Integer.MAX_VALUE))) {
      JsonArray texts = all.getAsJsonArray("texts");
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).getAsString();
        assertTokens(text, tokenizer.tokenize(text), wanted.getAsJsonArray("texts").get(i));
      }
      TextPairs reading = TextPairs.of(model.name(), tokenizer);
      JsonArray pairs = all.getAsJsonArray("pairs");
      for (int i = 0; i < pairs.size(); i++) {
        JsonArray pair = pairs.get(i).getAsJsonArray();
        Tokens tokens = reading.tokenize(pair.get(0).getAsString(), pair.get(1).getAsString());
        assertTokens(pair.toString(), tokens, wanted.getAsJsonArray("pairs").get(i));
      }
    }
  }

  private static void assertTokens(String text, Tokens tokens, JsonElement wanted) {
    assertThat(tokens.ids()).as(text).isEqualTo(ints(wanted, "ids"));
    assertThat(tokens.types()).as(text).isEqualTo(ints(wanted, "types"));
  }

  private static int[] ints(JsonElement wanted, String key) {
    return StreamSupport.stream(wanted.getAsJsonObject().getAsJsonArray(key).spliterator(), false)
        .mapToInt(JsonElement::getAsInt)
        .toArray();
  }

  @Test
  void otherFilesAreNamed() throws IOException {
    byte[] good = Files.readAllBytes(MODELS.resolve("t5.model"));
    Path file = temporary.resolve("spiece.model");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n");
    assertThatThrownBy(() -> SentencePieceModel.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("spiece.model is");
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = Arrays.copyOf(good, random.nextInt(good.length));
      for (int k = random.nextInt(4); k >= 0 && damaged.length > 0; k--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try {
        assertThat(SentencePieceModel.read(file).pieces()).isNotEmpty();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("spiece.model is no model of SentencePiece");
      }
    }
  }

  @Test
  void otherKindsOfPiecesAreRefused() throws IOException {
    byte[] model = Files.readAllBytes(MODELS.resolve("t5.model"));
    // Appended fields are merged: a trainer's model_type of BPE.
    byte[] other = Arrays.copyOf(model, model.length + 4);
    byte[] trainer = {(2 << 3) | 2, 2, 3 << 3, 2};
    System.arraycopy(trainer, 0, other, model.length, trainer.length);
    Files.write(temporary.resolve("spiece.model"), other);
    JsonFile settings = new JsonFile(temporary.resolve("tokenizer_config.json"), new JsonObject());
    SpecialTokens special = new SpecialTokens(TokenizerClass.T5, settings);
    assertThatThrownBy(() -> SentencePieceFile.read("tiny", temporary, special))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("spiece.model is no Unigram model");
  }
}
