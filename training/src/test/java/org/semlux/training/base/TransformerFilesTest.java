package org.semlux.training.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformerFilesTest {
  @TempDir Path temporary;

  @Test
  void aTokenizersTemplatesGoWithIt() throws IOException {
    Path from = Files.createDirectory(temporary.resolve("from"));
    Path templates = Files.createDirectory(from.resolve("additional_chat_templates"));
    Files.writeString(from.resolve("tokenizer.json"), "{}");
    Files.writeString(from.resolve("chat_template.jinja"), "default");
    Files.writeString(from.resolve("config.json"), "{}");
    Files.writeString(templates.resolve("rag.jinja"), "rag");
    Path to = Files.createDirectory(temporary.resolve("to"));

    TransformerFiles.copyTokenizer(from, to);

    try (Stream<Path> files = Files.walk(to)) {
      assertThat(files.filter(Files::isRegularFile).map(to::relativize).map(Path::toString))
          .containsExactlyInAnyOrder(
              "tokenizer.json", "chat_template.jinja", "additional_chat_templates/rag.jinja");
    }
  }
}
