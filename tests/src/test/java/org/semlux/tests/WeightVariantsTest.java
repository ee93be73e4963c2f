package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.folder.ModelFiles;

/**
 * The same weights, stored otherwise: under other names, in shards, in a hub's cache, in other
 * bits.
 */
class WeightVariantsTest {
  private static final String WEIGHTS = GoldenCopy.WEIGHTS;

  @TempDir Path temporary;

  private GoldenCopy copy(String golden) throws IOException {
    return GoldenCopy.of(golden, temporary);
  }

  @ParameterizedTest
  @CsvSource({
    "dense-bert-cls, bert.",
    "dense-distilbert-cls-max, distilbert.",
    "dense-roberta-mean, roberta.",
    "dense-xlm-roberta-mean, roberta.",
    "dense-mpnet-mean-normalize, mpnet.",
    "dense-modernbert-mean, model."
  })
  void aLanguageModelsFolderNamesItsBody(String golden, String prefix) throws IOException {
    GoldenCopy model = copy(golden);
    model.renameWeights(name -> prefix + name);
    model.assertSameAsGolden();
  }

  @Test
  void shards() throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    cutIntoShards(model);
    model.assertSameAsGolden();

    model.delete("model-00002-of-00003.safetensors");
    assertThatThrownBy(model::answers)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model-00002-of-00003.safetensors");
  }

  private static void cutIntoShards(GoldenCopy model) throws IOException {
    Map<String, StoredTensor> tensors = model.tensors(WEIGHTS);
    List<String> names = List.copyOf(tensors.keySet());
    JsonObject fileOf = new JsonObject();
    for (int shard = 0; shard < 3; shard++) {
      List<String> part = names.subList(shard * names.size() / 3, (shard + 1) * names.size() / 3);
      String file = "model-0000%s-of-00003.safetensors".formatted(shard + 1);
      model.write(file, tensors, part);
      part.forEach(name -> fileOf.addProperty(name, file));
    }
    model.delete(WEIGHTS);
    JsonObject index = new JsonObject();
    index.add("weight_map", fileOf);
    model.write("model.safetensors.index.json", index.toString());
  }

  /** There each file is a link to a blob beside all snapshots. */
  @Test
  void aHubsCache() throws IOException {
    GoldenCopy model =
        GoldenCopy.of("dense-bert-cls", Files.createDirectory(temporary.resolve("snapshots")));
    cutIntoShards(model);
    Path blobs = Files.createDirectory(temporary.resolve("blobs"));
    List<Path> files;
    try (Stream<Path> all = Files.walk(model.folder())) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (int i = 0; i < files.size(); i++) {
      Path blob = Files.move(files.get(i), blobs.resolve("blob-" + i));
      Files.createSymbolicLink(files.get(i), files.get(i).getParent().relativize(blob));
    }
    model.assertSameAsGolden();
    assertThat(ModelFiles.of(model.folder()))
        .contains(Path.of("model-00003-of-00003.safetensors"), Path.of("1_Pooling/config.json"));

    Path shard = model.resolve("model-00003-of-00003.safetensors");
    Path elsewhere = Files.move(shard.toRealPath(), temporary.resolve("elsewhere"));
    Files.delete(shard);
    Files.createSymbolicLink(shard, elsewhere);
    assertThatThrownBy(model::answers)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("points outside the folder");
    assertThatThrownBy(() -> ModelFiles.of(model.folder()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("points outside the folder");

    Files.delete(shard);
    Files.move(elsewhere, shard);
    Path pooling = model.resolve("1_Pooling/config.json");
    Path other = Files.move(pooling.toRealPath(), temporary.resolve("other"));
    Files.delete(pooling);
    Files.createSymbolicLink(pooling, other);
    assertThatThrownBy(() -> ModelFiles.of(model.folder()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a link to elsewhere");
  }

  /** Numbers of 16 bits are read as the same numbers of 32. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void weightsOfHalfTheBits(Dtype dtype) throws IOException {
    GoldenCopy model = copy("dense-mpnet-mean-normalize");
    Map<String, StoredTensor> halves = new LinkedHashMap<>();
    Map<String, StoredTensor> singles = new LinkedHashMap<>();
    model
        .tensors(WEIGHTS)
        .forEach(
            (name, tensor) -> {
              halves.put(name, rounded(tensor, dtype, false));
              singles.put(name, rounded(tensor, dtype, true));
            });
    model.write(WEIGHTS, singles);
    List<float[]> expected = model.answers();
    model.write(WEIGHTS, halves);
    List<float[]> actual = model.answers();
    for (int i = 0; i < expected.size(); i++) {
      GoldenEncoders.assertSame(actual.get(i), expected.get(i));
    }
  }

  private static StoredTensor rounded(StoredTensor tensor, Dtype dtype, boolean widen) {
    int elements = (int) tensor.elements();
    ByteBuffer bytes =
        ByteBuffer.allocate((widen ? 4 : 2) * elements).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      float value = tensor.data().getFloat(4 * i);
      boolean f16 = dtype == Dtype.F16;
      int bits = f16 ? Float.floatToFloat16(value) : Float.floatToIntBits(value) >>> 16;
      if (widen) {
        float wide = f16 ? Float.float16ToFloat((short) bits) : Float.intBitsToFloat(bits << 16);
        bytes.putFloat(wide);
      } else {
        bytes.putShort((short) bits);
      }
    }
    Dtype stored = widen ? Dtype.F32 : dtype;
    return new StoredTensor(tensor.name(), stored, tensor.shape(), bytes.flip());
  }

  @Test
  void staticVectorsUnderModel2vecsName() throws IOException {
    GoldenCopy model = copy("dense-static-embedding");
    model.renameWeights(name -> "embeddings");
    model.assertSameAsGolden();
  }

  /** Numbers of 64 bits are read as those of 32. */
  @Test
  void weightsOfTwiceTheBits() throws IOException {
    GoldenCopy model = copy("dense-bert-mean-dense");
    for (String file : List.of(WEIGHTS, "2_Dense/" + WEIGHTS)) {
      Map<String, StoredTensor> doubles = new LinkedHashMap<>();
      model.tensors(file).forEach((name, tensor) -> doubles.put(name, widened(tensor)));
      model.write(file, doubles);
    }
    model.assertSameAsGolden();
  }

  private static StoredTensor widened(StoredTensor tensor) {
    float[] numbers = tensor.toFloats();
    ByteBuffer data =
        ByteBuffer.allocateDirect(numbers.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      data.putDouble(number);
    }
    return new StoredTensor(tensor.name(), Dtype.F64, tensor.shape(), data.flip());
  }

  /** A word embedding that is stored as the decoder that it is tied to. */
  @ParameterizedTest
  @CsvSource({
    "sparse-bert, bert.embeddings.word_embeddings.weight, cls.predictions.decoder.weight",
    "sparse-distilbert, distilbert.embeddings.word_embeddings.weight, vocab_projector.weight",
    "sparse-roberta, roberta.embeddings.word_embeddings.weight, lm_head.decoder.weight"
  })
  void wordsUnderTheNameOfTheDecoder(String golden, String words, String decoder)
      throws IOException {
    GoldenCopy model = copy(golden);
    List<String> texts = List.of("The river rises after three days of rain.", "");
    List<TermWeights> expected = terms(model, texts);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>(model.tensors(WEIGHTS));
    assertThat(tensors).containsKey(words).doesNotContainKey(decoder);
    tensors.put(decoder, tensors.remove(words));
    model.write(WEIGHTS, tensors);
    assertThat(terms(model, texts)).isEqualTo(expected);
  }

  private static List<TermWeights> terms(GoldenCopy model, List<String> texts) throws IOException {
    try (SparseEncoder encoder =
        SparseEncoder.load(
            model.folder(), EncoderOptions.defaults().withPrecision(Precision.FLOAT32))) {
      return encoder.encode(texts);
    }
  }
}
