package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Copies of goldens that tests change before a node sees them. */
final class ModelCopy {
  /** How Llama 3's pre-tokenizer cuts words: over long runs of spaces it goes back and back. */
  private static final String LLAMA_3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private ModelCopy() {}

  static void of(String golden, Path to) throws IOException {
    Path from = RealNode.golden(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** A small model that reads texts as Llama 3 does. */
  static Path asLlama3(Path to) throws IOException {
    of("dense-roberta-mean", to);
    edit(to, "tokenizer.json", json -> json.add("pre_tokenizer", words(LLAMA_3)));
    return to;
  }

  /** Changes a file that holds a JSON object. */
  static void edit(Path model, String file, Consumer<JsonObject> change) throws IOException {
    Path path = model.resolve(file);
    JsonObject json = JsonParser.parseString(Files.readString(path, UTF_8)).getAsJsonObject();
    change.accept(json);
    Files.writeString(path, json.toString(), UTF_8);
  }

  /** A pre-tokenizer that cuts by a pattern, then by bytes. */
  static JsonObject words(String regex) {
    JsonObject steps =
        JsonParser.parseString(
                """
                {"type":"Sequence","pretokenizers":[
                  {"type":"Split","pattern":{"Regex":""},"behavior":"Isolated","invert":false},
                  {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
                """)
            .getAsJsonObject();
    steps
        .getAsJsonArray("pretokenizers")
        .get(0)
        .getAsJsonObject()
        .getAsJsonObject("pattern")
        .addProperty("Regex", regex);
    return steps;
  }
}
