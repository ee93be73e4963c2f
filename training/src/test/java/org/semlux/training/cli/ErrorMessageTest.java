package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.ModelException;

class ErrorMessageTest {
  @Test
  void theJdksFileErrorsGetTheirReason() {
    assertThat(ErrorMessage.of(new NoSuchFileException("f"))).isEqualTo("no such file: f");
    assertThat(ErrorMessage.of(new AccessDeniedException("f"))).isEqualTo("no permission: f");
    assertThat(ErrorMessage.of(new NotDirectoryException("f"))).isEqualTo("not a folder: f");
    assertThat(ErrorMessage.of(new FileAlreadyExistsException("f"))).isEqualTo("exists already: f");
    assertThat(ErrorMessage.of(new DirectoryNotEmptyException("f")))
        .isEqualTo("not an empty folder: f");
    assertThat(ErrorMessage.of(new FileSystemLoopException("f")))
        .isEqualTo("links lead in a circle: f");
    assertThat(ErrorMessage.of(new FileSystemException("f")))
        .isEqualTo("cannot be read or written: f");
  }

  @Test
  void aMoveNamesBothFilesAndWhatHasAReasonKeepsIt() {
    assertThat(ErrorMessage.of(new AccessDeniedException("f", "g", null)))
        .isEqualTo("no permission: f -> g");
    assertThat(ErrorMessage.of(new FileSystemException("f", null, "Is a directory")))
        .isEqualTo("f: Is a directory");
  }

  @Test
  void wrappersAreUnwrappedAndOnlyOneLineStays() {
    ModelException reason = ModelException.of("m", "no weights");

    assertThat(ErrorMessage.of(new CompletionException(reason))).isEqualTo("model [m]: no weights");
    assertThat(ErrorMessage.of(new IOException("no weights\nand more"))).isEqualTo("no weights");
    assertThat(ErrorMessage.of(new UncheckedIOException(new IOException("disk full"))))
        .isEqualTo("disk full");
  }

  @Test
  void aFullDiskIsNoRiddle() {
    assertThat(ErrorMessage.of(new IOException("No space left on device")))
        .isEqualTo(
            "No space left on device: make room where the output is written, or give another"
                + " --output");
  }

  @Test
  void whatNobodyForesawSaysSo() {
    assertThat(ErrorMessage.of(new NullPointerException("x is null")))
        .isEqualTo("unexpected java.lang.NullPointerException: x is null (--debug shows where)");
    assertThat(ErrorMessage.of(new IOException()))
        .isEqualTo("unexpected java.io.IOException (--debug shows where)");
  }
}
