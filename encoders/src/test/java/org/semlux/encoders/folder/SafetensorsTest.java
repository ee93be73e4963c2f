package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path write(String header, float... data) throws IOException {
    byte[] json = header.getBytes(UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + 4 * data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (float value : data) {
      bytes.putFloat(value);
    }
    return Files.write(folder.resolve("model.safetensors"), bytes.array());
  }

  private static final String TWO =
      """
      {"__metadata__":{"format":"pt"},
       "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
       "b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}""";

  @Test
  void readsNamesShapesAndNumbers() throws IOException {
    Safetensors file = Safetensors.open(write(TWO, 1, 2, 3, 4));
    assertThat(file.names()).containsExactly("a", "b");
    StoredTensor tensor = file.find("b").orElseThrow();
    assertThat(tensor.shape()).containsExactly(1, 2);
    assertThat(tensor.dtype()).isEqualTo(Dtype.F32);
    assertThat(tensor.data().getFloat(0)).isEqualTo(3f);
    assertThat(tensor.data().getFloat(4)).isEqualTo(4f);
    assertThat(file.find("c")).isEmpty();
  }

  @Test
  void aTruncatedFileNamesTheTensorThatIsCutOff() throws IOException {
    Path file = write(TWO, 1, 2, 3);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.getParent().getFileName() + "/model.safetensors is no usable")
        .hasMessageContaining("truncated: tensor b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | size of tensor a",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | damaged at a",
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,8]}} | unsupported type F4",
        "{\"a\":{\"shape\":[2]}} | damaged at a",
        "[1,2] | damaged",
        "{\"a\": | damaged"
      })
  void aDamagedHeaderSaysWhere(String header, String message) throws IOException {
    Path file = write(header, 1, 2);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void somethingElseIsNoSafetensorsFile() throws IOException {
    Path file = Files.writeString(folder.resolve("x"), "PK\3\4 this is a zip, and a long one");
    assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("header claims");
    Path empty = Files.write(folder.resolve("y"), new byte[3]);
    assertThatThrownBy(() -> Safetensors.open(empty)).hasMessageContaining("3 bytes");
    Path cut = Files.write(folder.resolve("z"), new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{'});
    assertThatThrownBy(() -> Safetensors.open(cut)).hasMessageContaining("inside its header");
  }
}
