package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.folder.JsonFile;

/** Files that would end the process are refused before the library sees them. */
class TokenizerCheckTest {
  private static void refused(String reason, Consumer<JsonObject> change) throws IOException {
    JsonObject json = FuzzedTokenizers.all().get("WordPiece, Bert").deepCopy();
    change.accept(json);
    JsonFile file = new JsonFile(Path.of("tokenizer.json"), json);
    assertThatThrownBy(() -> FastTokenizer.load(file, FastTokenizer.Options.of(32)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private static JsonObject added(long id, String content) {
    JsonObject token = json("{\"special\":true,\"normalized\":false,\"single_word\":false}");
    token.addProperty("lstrip", false);
    token.addProperty("rstrip", false);
    token.addProperty("id", id);
    token.addProperty("content", content);
    return token;
  }

  @Test
  void idsAreBounded() throws IOException {
    for (String id : List.of("2000000000", "-1", "1.5", "1e300", "18446744073709551615")) {
      refused(
          "id " + id,
          json ->
              json.getAsJsonObject("model")
                  .getAsJsonObject("vocab")
                  .add("huge", JsonParser.parseString(id)));
    }
    refused(
        "2000000000", json -> json.getAsJsonArray("added_tokens").add(added(2_000_000_000L, "x")));
    refused(
        "4000000",
        json ->
            json.getAsJsonObject("post_processor")
                .getAsJsonObject("special_tokens")
                .getAsJsonObject("[CLS]")
                .add("ids", JsonParser.parseString("[4000000000]")));
  }

  /** The library numbers added tokens itself, whatever ids the file says. */
  @Test
  void addedTokensHaveTheIdsThatTheLibraryGivesThem() throws IOException {
    JsonObject json = FuzzedTokenizers.all().get("WordPiece, Bert").deepCopy();
    JsonArray tokens = json.getAsJsonArray("added_tokens");
    tokens.add(added(1, "[NEW]"));
    tokens.add(added(70_000, "[NEWER]"));
    JsonFile file = new JsonFile(Path.of("tokenizer.json"), json);
    Vocabulary vocabulary = Vocabulary.of(file);
    try (Tokenizer tokenizer = FastTokenizer.load(file, FastTokenizer.Options.of(32))) {
      for (String text : List.of("[NEW]", "[NEWER]", "[CLS]")) {
        int id = tokenizer.ids(text, 1)[0];
        assertThat(vocabulary.token(id)).as("%d", id).isEqualTo(text);
        assertThat(id).isLessThan(tokenizer.vocabularySize());
        assertThat(vocabulary.specialIds()).contains(id);
      }
    }
    assertThat(vocabulary.ids()).containsEntry(vocabulary.token(1), 1);
  }

  @Test
  void addedTokensAreBounded() throws IOException {
    refused(
        "100005 added tokens",
        json -> {
          JsonArray tokens = json.getAsJsonArray("added_tokens");
          for (int i = 0; i < 100_000; i++) {
            tokens.add(added(1_000 + i, "<t" + i + ">"));
          }
        });
  }

  @Test
  void patternsAreBounded() throws IOException {
    String split =
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(x+x+)+y\"},\"behavior\":\"Isolated\",\"invert\":false}";
    refused("(x+x+)+y", json -> json.add("pre_tokenizer", json(split)));
    refused(
        "(x+x+)+y",
        json ->
            json.add(
                "pre_tokenizer",
                json("{\"type\":\"Sequence\",\"pretokenizers\":[" + split + "]}")));
    refused(
        "(a*)*b",
        json ->
            json.add(
                "normalizer",
                json(
                    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a*)*b\"},\"content\":\" \"}")));
  }

  @Test
  void stepsCannotMakeATextManyTimesAsLong() throws IOException {
    String twice = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}";
    String steps = (twice + ",").repeat(39) + twice;
    refused(
        "times as long",
        json ->
            json.add(
                "normalizer", json("{\"type\":\"Sequence\",\"normalizers\":[" + steps + "]}")));
  }

  /** The library looks them up without looking whether they are there, and ends the process. */
  @Test
  void templatesThatLackWhatTheyNameAreRefused() throws IOException {
    String single = "[{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},%s]";
    String text = "{\"Sequence\":{\"id\":\"%s\",\"type_id\":0}}";
    String cls = "{\"[CLS]\":{\"id\":\"[CLS]\",\"ids\":[2],\"tokens\":[%s]}}";
    String a = text.formatted("A");
    String b = text.formatted("B");
    refusedTemplate("does not describe", single.formatted(a), "[" + a + "," + b + "]", "{}");
    String known = cls.formatted("\"[CLS]\"");
    refusedTemplate(
        "\"single\" does not hold", single.formatted(b), "[" + a + "," + b + "]", known);
    refusedTemplate("\"single\" does not hold", "[]", "[" + a + "," + b + "]", known);
    refusedTemplate("\"pair\" does not hold", single.formatted(a), "[" + b + "," + b + "]", known);
    refusedTemplate(
        "more ids than tokens", single.formatted(a), "[" + a + "," + b + "]", cls.formatted(""));
  }

  private void refusedTemplate(String expected, String single, String pair, String special)
      throws IOException {
    String template =
        "{\"type\":\"TemplateProcessing\",\"single\":%s,\"pair\":%s,\"special_tokens\":%s}"
            .formatted(single, pair, special);
    refused(expected, json -> json.add("post_processor", json(template)));
  }

  @Test
  void partsOfNoLengthAndMergesShorterThanThePrefixAreRefused() throws IOException {
    refused(
        "parts are 0 characters long",
        json -> json.add("pre_tokenizer", json("{\"type\":\"FixedLength\",\"length\":0}")));
    refused(
        "does not begin with its prefix",
        json -> {
          JsonObject model = json.getAsJsonObject("model");
          model.addProperty("continuing_subword_prefix", "##");
          model.add("merges", json("{\"merges\":[\"a b\"]}").getAsJsonObject().get("merges"));
        });
  }

  @Test
  void damagedCharacterMapsAreRefused() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[8 + random.nextInt(3_000)];
      random.nextBytes(bytes);
      if (i % 2 == 0) { // a trie of the right size, with anything in it
        int size = (bytes.length - 4) / 8 * 4;
        bytes[0] = (byte) size;
        bytes[1] = (byte) (size >> 8);
        bytes[2] = 0;
        bytes[3] = 0;
      }
      String map = Base64.getEncoder().encodeToString(bytes);
      refused(
          "Precompiled",
          json ->
              json.add(
                  "normalizer",
                  json("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + map + "\"}")));
    }
  }

  @Test
  void aVocabularyWithoutItsUnknownTokenIsRefused() throws IOException {
    refused(
        "lacks the token [[NONE]]",
        json -> json.getAsJsonObject("model").addProperty("unk_token", "[NONE]"));
  }

  /** A good map, and the same as base64 that Java's decoder takes and the library's does not. */
  @Test
  void characterMapsAreWrittenAsTheLibraryReadsThem() throws IOException {
    byte[] map = new byte[4 + 1024 + 2]; // the trie's size, a trie of a root, two texts
    map[1] = 4;
    String sound = Base64.getEncoder().encodeToString(map);
    String lacking = sound.replace("=", "");
    assertThat(CharacterMap.isSound(sound)).isTrue();
    assertThat(CharacterMap.isSound(lacking)).isFalse();
    refused("Precompiled", json -> json.add("normalizer", json("{\"type\":\"Precompiled\"}")));
    refused(
        "Precompiled",
        json ->
            json.add(
                "normalizer", json("{\"type\":\"Precompiled\",\"precompiled_charsmap\":null}")));
  }

  @Test
  void longWordsDropoutAndShapesThatAreNone() throws IOException {
    refused(
        "max_input_chars_per_word is 1000000",
        json -> json.getAsJsonObject("model").addProperty("max_input_chars_per_word", 1_000_000));
    refused("dropout", json -> json.getAsJsonObject("model").addProperty("dropout", 0.1));
    refused("no tokenizer", json -> json.add("model", JsonParser.parseString("[]")));
    refused("no tokenizer", json -> json.add("normalizer", JsonParser.parseString("7")));
    refused("no tokenizer", json -> json.remove("model"));
  }

  @Test
  void tokenizersInUseAreTaken() throws IOException {
    for (JsonObject json : FuzzedTokenizers.all().values()) {
      assertThatCode(() -> TokenizerCheck.check(new JsonFile(Path.of("tokenizer.json"), json)))
          .doesNotThrowAnyException();
    }
    Path goldens = Path.of("../tests/src/test/resources/goldens");
    try (Stream<Path> files = Files.walk(goldens)) {
      for (Path file : files.filter(f -> f.endsWith("tokenizer.json")).toList()) {
        TokenizerCheck.check(JsonFile.read(file));
      }
    }
  }
}
