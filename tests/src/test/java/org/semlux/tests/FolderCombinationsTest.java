package org.semlux.tests;

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
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.ModelException;

/**
 * Folders that several files or keys together make special: the reference library's answers ({@code
 * tests/reference/generate_combinations.py}), or, where the table says so, a refusal that names the
 * reason.
 */
class FolderCombinationsTest {
  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> combinations() throws IOException {
    Path table = Goldens.committed().resolveSibling("combinations.json");
    JsonObject all = JsonParser.parseString(Files.readString(table, UTF_8)).getAsJsonObject();
    return StreamSupport.stream(all.getAsJsonArray("cases").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.get("base").getAsString() + ": " + one.get("edits"),
                    () -> check(all, one)));
  }

  private void check(JsonObject all, JsonObject one) throws IOException {
    Path root = Files.createTempDirectory(temp, "case");
    GoldenCopy copy = GoldenCopy.of(one.get("base").getAsString(), root);
    for (JsonElement edit : one.getAsJsonArray("edits")) {
      change(copy, edit.getAsJsonArray());
    }
    if (!one.has("answers")) {
      // Without the library's answer a refusal in a sentence is all there is to ask for.
      String reason = one.has("refusal") ? one.get("refusal").getAsString() : "";
      assertThatThrownBy(() -> Encoder.load(copy.folder(), GoldenEncoders.float32()).close())
          .isInstanceOfAny(ModelException.class, IOException.class)
          .hasMessageContaining(reason);
      return;
    }
    JsonObject golden = one.getAsJsonObject("answers").deepCopy();
    assertThat(golden.get("kind").getAsString()).isIn("dense", "sparse", "cross", "multi-vector");
    for (String texts : List.of("texts", "queries", "documents")) {
      golden.add(texts, all.get("texts"));
    }
    golden.add("pairs", all.get("pairs"));
    copy.write("expected.json", golden.toString());
    GoldensTest.check(copy.folder());
  }

  /** Sets a key of a file, a whole file (no key), or takes one of them away (no value). */
  private static void change(GoldenCopy copy, JsonArray edit) throws IOException {
    String file = edit.get(0).getAsString();
    String key = edit.size() > 1 ? edit.get(1).getAsString() : "";
    if (edit.size() == 1) {
      copy.delete(file);
    } else if (key.isEmpty()) {
      boolean text = edit.get(2).isJsonPrimitive();
      copy.write(file, text ? edit.get(2).getAsString() : edit.get(2).toString());
    } else {
      if (!Files.exists(copy.resolve(file))) {
        copy.write(file, "{}");
      }
      copy.edit(
          file,
          json -> {
            json.remove(key);
            if (edit.size() > 2) {
              json.add(key, edit.get(2));
            }
          });
    }
  }
}
