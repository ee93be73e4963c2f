package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

class SafetensorsWriterTest {
  @TempDir Path folder;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  private final TensorSource source =
      new TensorSource() {
        @Override
        public Set<String> names() {
          return tensors.keySet();
        }

        @Override
        public Optional<StoredTensor> find(String name) {
          return Optional.ofNullable(tensors.get(name));
        }
      };

  private void add(String name, Dtype dtype, byte[] bytes, long... shape) {
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    tensors.put(name, new StoredTensor(name, dtype, shape, data));
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Random random = new Random(3);
    for (Dtype dtype : Dtype.values()) {
      byte[] bytes = new byte[6 * dtype.bytes()];
      random.nextBytes(bytes);
      add("matrix of " + dtype, dtype, bytes, 2, 3);
      add("scalar of " + dtype, dtype, new byte[dtype.bytes()]);
    }
    add("empty", Dtype.F32, new byte[0], 0, 4);
    Path file = folder.resolve("model.safetensors");
    List<Long> steps = new ArrayList<>();
    SafetensorsWriter.write(file, source.names(), source, steps::add);

    Safetensors read = Safetensors.open(file);
    assertThat(read.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    for (StoredTensor tensor : tensors.values()) {
      StoredTensor found = read.find(tensor.name()).orElseThrow();
      assertThat(found.dtype()).isEqualTo(tensor.dtype());
      assertThat(found.shape()).containsExactly(tensor.shape());
      assertThat(found.data()).isEqualTo(tensor.data());
    }
    long numbers = tensors.values().stream().mapToLong(tensor -> tensor.data().remaining()).sum();
    assertThat(steps).hasSize(tensors.size());
    assertThat(steps.stream().mapToLong(Long::longValue).sum()).isEqualTo(numbers);
    assertThat(folder.toFile().list()).containsExactly("model.safetensors");
  }

  /** Byte for byte what safetensors 0.8 writes for the same tensors. */
  @Test
  void theHeaderIsTheReferences() throws IOException {
    add("b", Dtype.F16, new byte[] {1, 2});
    add("c", Dtype.F32, new byte[] {0, 0, -128, 63}, 1);
    add("a", Dtype.F32, new byte[] {0, 0, 0, 64}, 1, 1);
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, source.names(), source, bytes -> {});

    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]},"
            + "\"c\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
            + "\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[8,10]}}";
    int padded = (header.length() + 7) / 8 * 8;
    byte[] expected =
        ByteBuffer.allocate(8 + padded + 10)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded)
            .put(header.getBytes(StandardCharsets.UTF_8))
            .put(" ".repeat(padded - header.length()).getBytes(StandardCharsets.UTF_8))
            .put(new byte[] {0, 0, 0, 64, 0, 0, -128, 63, 1, 2})
            .array();
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
  }

  @Test
  void aFailureLeavesWhatWasThere() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "older");

    assertThatThrownBy(() -> SafetensorsWriter.write(file, List.of("gone"), source, bytes -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no tensor gone");
    assertThat(file).hasContent("older");
    assertThat(folder.toFile().list()).containsExactly("model.safetensors");
  }
}
