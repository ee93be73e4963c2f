package org.semlux.encoders.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder.Module;

/** A {@code tokenizer.json} made of the vocabulary files of older folders. */
final class VocabularyFiles {
  private final String model;
  private final Module module;

  VocabularyFiles(String model, Module module) {
    this.model = model;
    this.module = module;
  }

  /**
   * The file's model, which {@link TokenizerFile} completes.
   *
   * @throws ModelException when the folder lacks the files that the class has
   */
  JsonObject read(TokenizerClass kind) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("version", "1.0");
    JsonObject content = new JsonObject();
    if (kind == TokenizerClass.BERT || kind == TokenizerClass.MPNET) {
      content.addProperty("type", "WordPiece");
      content.add("vocab", lines("vocab.txt"));
    } else if (kind == TokenizerClass.ROBERTA) {
      content.addProperty("type", "BPE");
      content.add("vocab", JsonFile.read(require("vocab.json")).object());
      content.add("merges", merges());
      content.addProperty("fuse_unk", false);
      content.addProperty("byte_fallback", false);
    } else {
      require("tokenizer.json");
    }
    json.add("model", content);
    json.add("added_tokens", new JsonArray());
    return json;
  }

  private Path require(String name) throws IOException {
    Path file = module.folder().resolve(name);
    if (!Files.isRegularFile(file)) {
      String needed = name.equals("tokenizer.json") ? name : "tokenizer.json and no " + name;
      throw ModelException.of(
          model,
          "no "
              + needed
              + " in "
              + module.folder().getFileName()
              + ": load and save the tokenizer once with a current transformers library");
    }
    return file;
  }

  /**
   * A token's line is its id, blanks at its end left out; of a token that is there twice the last
   * one counts.
   */
  private JsonObject lines(String name) throws IOException {
    JsonObject ids = new JsonObject();
    String text = text(name);
    String[] lines = text.split("\n", -1);
    int count = text.endsWith("\n") ? lines.length - 1 : lines.length;
    for (int id = 0; id < count; id++) {
      int end = lines[id].length();
      while (end > 0 && isBlank(lines[id].charAt(end - 1))) {
        end--;
      }
      ids.addProperty(lines[id].substring(0, end), id);
    }
    return ids;
  }

  /** Unicode's white space, as the library counts it; Java's is another. */
  private static boolean isBlank(char c) {
    return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == '\u0085';
  }

  private JsonArray merges() throws IOException {
    JsonArray merges = new JsonArray();
    for (String line : text("merges.txt").split("\r?\n")) {
      if (!line.startsWith("#version") && !line.isEmpty()) {
        merges.add(line);
      }
    }
    return merges;
  }

  private String text(String name) throws IOException {
    try {
      return Files.readString(require(name), UTF_8);
    } catch (CharacterCodingException e) {
      throw new ModelFileException(name + " is not written in UTF-8", e);
    }
  }
}
