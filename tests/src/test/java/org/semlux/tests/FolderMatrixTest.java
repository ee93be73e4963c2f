package org.semlux.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Every key of a model folder's settings, for every kind of model: the reference library's answers
 * ({@code tests/reference/generate_matrix.py}), or a refusal that names the key. {@code
 * semlux.matrix} names another table than the committed one.
 */
class FolderMatrixTest {
  private static final EncoderOptions OPTIONS =
      EncoderOptions.defaults().withPrecision(Precision.FLOAT32);

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> settings() throws IOException {
    String named = System.getProperty("semlux.matrix");
    Path table = named == null ? Goldens.committed().resolveSibling("matrix.json") : Path.of(named);
    JsonObject matrix = JsonParser.parseString(Files.readString(table, UTF_8)).getAsJsonObject();
    JsonArray cases = matrix.getAsJsonArray("cases");
    return Stream.iterate(0, i -> i < cases.size(), i -> i + 1)
        .map(
            i -> {
              JsonObject one = cases.get(i).getAsJsonObject();
              return DynamicTest.dynamicTest(label(one), () -> check(matrix, one, i));
            });
  }

  private static String label(JsonObject one) {
    return "%s: %s [%s] = %s"
        .formatted(text(one, "base"), text(one, "file"), text(one, "key"), one.get("value"));
  }

  private static String text(JsonObject object, String key) {
    return object.get(key).getAsString();
  }

  private void check(JsonObject matrix, JsonObject one, int number) throws IOException {
    String base = text(one, "base");
    JsonObject expected = matrix.getAsJsonObject("plain").getAsJsonObject(base);
    if (one.has("answers")) {
      expected = one.getAsJsonObject("answers");
    }
    Path folder = temp.resolve(text(expected, "kind") + "-" + number);
    copy(Goldens.committed().resolve(base), folder);
    change(folder, one);
    Optional<String> refusal = refusal(folder);
    if (one.has("refused")) {
      return; // without the library's answer a refusal in a sentence is all there is to ask for
    }
    if (refusal.isPresent()) {
      assertThat(refusal.get()).containsAnyOf(names(one));
      return;
    }
    JsonObject golden = expected.deepCopy();
    golden.add("texts", matrix.get("texts"));
    golden.add("pairs", matrix.get("pairs"));
    Files.writeString(folder.resolve("expected.json"), golden.toString());
    GoldensTest.check(folder);
  }

  /**
   * What a refusal may call a setting: its key, its value, or what does not go together with it.
   */
  private static String[] names(JsonObject one) {
    String key = text(one, "key");
    String name = key.isEmpty() ? text(one, "file") : key.substring(key.indexOf('.') + 1);
    JsonElement value = one.get("value");
    return switch (name) {
      case "num_hidden_layers" -> new String[] {"the config promises no weight"};
      case "model_type" -> new String[] {"after this network come", "after the network"};
      default -> new String[] {name, value.isJsonPrimitive() ? value.getAsString() : name};
    };
  }

  private static Optional<String> refusal(Path folder) {
    try {
      Encoder.load(folder, OPTIONS).close();
      return Optional.empty();
    } catch (IOException | ModelException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** Sets one key, of an object or of an object in a list; without a key the value is the file. */
  private static void change(Path folder, JsonObject one) throws IOException {
    Path file = folder.resolve(text(one, "file"));
    String key = text(one, "key");
    JsonElement value = one.get("value");
    if (key.isEmpty()) {
      Files.writeString(file, value.toString());
      return;
    }
    JsonElement whole =
        JsonParser.parseString(Files.exists(file) ? Files.readString(file, UTF_8) : "{}");
    if (whole.isJsonArray()) {
      int dot = key.indexOf('.');
      int index = Integer.parseInt(key.substring(0, dot));
      whole.getAsJsonArray().get(index).getAsJsonObject().add(key.substring(dot + 1), value);
    } else {
      whole.getAsJsonObject().add(key, value);
    }
    Files.writeString(file, whole.toString());
  }
}
