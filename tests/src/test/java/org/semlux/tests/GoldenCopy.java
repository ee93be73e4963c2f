package org.semlux.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.training.folder.SafetensorsWriter;

/** A golden that a test may change. */
record GoldenCopy(Path folder) {
  static final String WEIGHTS = "model.safetensors";

  private record Tensors(Map<String, StoredTensor> byName) implements TensorSource {
    @Override
    public Set<String> names() {
      return byName.keySet();
    }

    @Override
    public Optional<StoredTensor> find(String name) {
      return Optional.ofNullable(byName.get(name));
    }
  }

  static GoldenCopy of(String golden, Path temporary) throws IOException {
    Path to = temporary.resolve(golden);
    copy(golden, to);
    return new GoldenCopy(to);
  }

  static void copy(String golden, Path to) throws IOException {
    Path from = Goldens.committed().resolve(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  Path resolve(String file) {
    return folder.resolve(file);
  }

  void delete(String... files) throws IOException {
    for (String file : files) {
      Files.delete(resolve(file));
    }
  }

  void write(String file, String text) throws IOException {
    Files.createDirectories(resolve(file).getParent());
    Files.writeString(resolve(file), text, UTF_8);
  }

  /** Changes a file that holds a JSON object. */
  void edit(String file, Consumer<JsonObject> change) throws IOException {
    JsonObject json = JsonFile.read(resolve(file)).object();
    change.accept(json);
    write(file, json.toString());
  }

  /** The tensors of a file, by name. */
  Map<String, StoredTensor> tensors(String file) throws IOException {
    Safetensors stored = Safetensors.open(resolve(file));
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    stored.names().forEach(name -> tensors.put(name, stored.find(name).orElseThrow()));
    return tensors;
  }

  void write(String file, Map<String, StoredTensor> tensors) throws IOException {
    write(file, tensors, tensors.keySet());
  }

  void write(String file, Map<String, StoredTensor> tensors, Collection<String> names)
      throws IOException {
    Files.createDirectories(resolve(file).getParent());
    SafetensorsWriter.write(resolve(file), names, new Tensors(tensors), written -> {});
  }

  void renameWeights(UnaryOperator<String> to) throws IOException {
    Map<String, StoredTensor> renamed = new LinkedHashMap<>();
    tensors(WEIGHTS).forEach((name, tensor) -> renamed.put(to.apply(name), tensor));
    write(WEIGHTS, renamed);
  }

  static StoredTensor vector(String name, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return new StoredTensor(name, Dtype.F32, new long[] {values.length}, bytes.flip());
  }

  /** What the folder answers for the goldens' texts, in float32. */
  List<float[]> answers() throws IOException {
    return answers(folder);
  }

  /** What the golden itself answers. */
  List<float[]> goldenAnswers() throws IOException {
    return answers(Goldens.committed().resolve(folder.getFileName()));
  }

  void assertSameAsGolden() throws IOException {
    List<float[]> actual = answers();
    List<float[]> expected = goldenAnswers();
    for (int i = 0; i < expected.size(); i++) {
      GoldenEncoders.assertSame(actual.get(i), expected.get(i));
    }
  }

  DenseEncoder load() throws IOException {
    return load(folder);
  }

  private static List<float[]> answers(Path folder) throws IOException {
    try (DenseEncoder encoder = load(folder)) {
      return encoder.encode(GoldenEncoders.corpus()).stream().map(DenseVector::values).toList();
    }
  }

  private static DenseEncoder load(Path folder) throws IOException {
    return DenseEncoder.load(folder, GoldenEncoders.float32());
  }
}
