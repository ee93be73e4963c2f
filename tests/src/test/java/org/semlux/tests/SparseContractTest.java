package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;

class SparseContractTest extends EncoderContractTest<SparseEncoder> {
  @Override
  String prefix() {
    return "sparse-";
  }

  @Override
  SparseEncoder load(Path folder, EncoderOptions options) throws IOException {
    return SparseEncoder.load(folder, options);
  }

  @Override
  CompletableFuture<List<float[]>> submit(SparseEncoder encoder, List<String> texts) {
    int size = encoder.info().dimensions();
    return encoder
        .submit(EncodeRequest.of(texts))
        .thenApply(answers -> answers.stream().map(terms -> atPlaces(terms, size)).toList());
  }

  /**
   * A score is a product less a bias of nine in these goldens, so that few terms stay: what is left
   * of it is rounded by up to 2<sup>-24</sup> of nine, and the largest weight is some tenths. Of
   * DeBERTa's batched products, which are not oneDNN's, the order of sums depends on the CPU and on
   * the batch: 4.1e-6 with AMX, 5.7e-6 with AVX2.
   */
  @Override
  double companysShare() {
    return 8e-6;
  }

  private static float[] atPlaces(TermWeights terms, int size) {
    float[] places = new float[size];
    for (int i = 0; i < terms.size(); i++) {
      places[terms.ids()[i]] = terms.weights()[i];
    }
    return places;
  }

  private static Path golden(String name) {
    return Goldens.committed().resolve(name);
  }

  @Test
  void callersChooseTheirTerms() throws IOException {
    try (SparseEncoder encoder = load(golden("sparse-bert"), float32())) {
      List<String> texts = corpus();
      List<TermWeights> all = encoder.encode(texts);
      Pruning pruning = Pruning.none().withMaxTerms(7).withMinRatio(0.5);
      SparseOptions options =
          SparseOptions.defaults().withPruning(pruning).withSpecialTokens(SpecialTokens.DROP);
      List<TermWeights> few = encoder.encodeAll(EncodeRequest.of(texts).withTerms(options));
      for (int i = 0; i < texts.size(); i++) {
        assertThat(few.get(i).size()).isBetween(1, 7);
        assertThat(few.get(i).tokens()).doesNotContain("[CLS]", "[SEP]", "[PAD]", "[MASK]");
        List<String> before = Arrays.asList(all.get(i).tokens());
        assertThat(before).containsSubsequence(few.get(i).tokens());
      }
      assertThat(all.stream().flatMap(terms -> Arrays.stream(terms.tokens()))).contains("[MASK]");
    }
  }

  @Test
  void queriesNeedNoNetworkAndDocumentsDo() throws IOException {
    try (Encoder loaded = Encoder.load(golden("sparse-inference-free-query"), float32())) {
      assertThat(loaded.info().kind()).isEqualTo(EncoderKind.SPARSE);
      SparseEncoder encoder = (SparseEncoder) loaded;
      List<String> text = List.of("the dog walks by the river");
      TermWeights query = encoder.encode(text, InputType.QUERY).get(0);
      TermWeights document = encoder.encode(text, InputType.DOCUMENT).get(0);
      assertThat(query.tokens()).contains("dog", "river").doesNotContain("[CLS]");
      assertThat(document).isNotEqualTo(query).isEqualTo(encoder.encode(text).get(0));
      assertThat(encoder.encode(List.of(""), InputType.QUERY).get(0).size()).isZero();
      assertThat(encoder.stats().texts()).isEqualTo(4);
    }
  }

  @Test
  void anUnknownPromptIsRefused() throws IOException {
    try (SparseEncoder encoder = load(golden("sparse-bert"), float32())) {
      EncodeRequest request = EncodeRequest.of(List.of("x")).withPromptName("poem");
      assertThatThrownBy(() -> encoder.encodeAll(request))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("there is no prompt [poem]");
    }
  }

  @Override
  double bfloat16Loss() {
    return 0.2;
  }

  @Override
  double int8Loss() {
    return 0.4;
  }
}
