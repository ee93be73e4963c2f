package org.semlux.tests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;

/**
 * For tests that break a copy of a golden, named {@code broken}, and look at what is said of it.
 */
abstract class BrokenFolders {
  @TempDir Path temporary;
  Path folder;

  final void copy(String golden) throws IOException {
    folder = temporary.resolve("broken");
    GoldenCopy.copy(golden, folder);
  }

  final void replace(String file, String old, String with) throws IOException {
    Path path = folder.resolve(file);
    // One character a byte: binary files survive.
    String text = Files.readString(path, ISO_8859_1);
    assertThat(text).contains(old);
    Files.writeString(path, text.replace(old, with), ISO_8859_1);
  }

  final void edit(String file, Consumer<JsonObject> change) throws IOException {
    JsonObject json = JsonFile.read(folder.resolve(file)).object();
    change.accept(json);
    write(file, json.toString());
  }

  final void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text, UTF_8);
  }

  /** Whatever the type, since both are what a folder that cannot be used is told by. */
  final void refused(String... parts) {
    refused(Exception.class, parts);
  }

  final void refused(Class<? extends Exception> type, String... parts) {
    long handles = Torch.openHandles();
    Callable<Encoder> load = () -> Encoder.load(folder, EncoderOptions.defaults());
    assertThatThrownBy(load::call)
        .isInstanceOf(type)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(parts)
                    .doesNotContain(temporary.toString())
                    .hasSizeLessThan(400)
                    .doesNotContain("\n"));
    // Fewer where an encoder of an earlier test was still being closed.
    assertThat(Torch.openHandles()).isLessThanOrEqualTo(handles);
  }
}
