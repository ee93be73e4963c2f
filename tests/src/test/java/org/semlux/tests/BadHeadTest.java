package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.folder.SafetensorsWriter;

/** Broken heads of sparse encoders and cross-encoders get one sentence that names the thing. */
@Isolated("counts open handles")
class BadHeadTest extends BrokenFolders {
  private static final String LOGIT_SCORE = "cross_encoder.modules.logit_score.LogitScore";

  @Test
  void noTransform() throws IOException {
    copy("sparse-bert");
    replace("model.safetensors", "predictions.transform.dense.w", "predictions.transform.dance.w");
    refused(ModelException.class, "[broken]", "cls.predictions.transform.dense.weight is missing");
  }

  @Test
  void aDecoderBiasOfTheWrongSize() throws IOException {
    copy("sparse-bert");
    Path file = folder.resolve("model.safetensors");
    TensorSource good = Safetensors.open(file);
    String name = "cls.predictions.decoder.bias"; // counts more than cls.predictions.bias
    StoredTensor vector = good.find("bert.embeddings.LayerNorm.bias").orElseThrow();
    StoredTensor wrong = new StoredTensor(name, Dtype.F32, vector.shape(), vector.data());
    Set<String> names = new TreeSet<>(good.names());
    names.add(name);
    TensorSource bad =
        new TensorSource() {
          @Override
          public Set<String> names() {
            return names;
          }

          @Override
          public Optional<StoredTensor> find(String wanted) {
            return wanted.equals(name) ? Optional.of(wrong) : good.find(wanted);
          }
        };
    SafetensorsWriter.write(file, names, bad, bytes -> {});
    refused(ModelException.class, name + " has shape [32], the config promises [216]");
  }

  @Test
  void noDecoderAndNoTie() throws IOException {
    copy("sparse-bert");
    replace("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
    refused(
        ModelException.class,
        "weight cls.predictions.decoder.weight is missing, and tie_word_embeddings is false");
  }

  @Test
  void aLogitScoreOfCappedLogits() throws IOException {
    copy("cross-qwen3-yes-or-no");
    replace("config.json", "\"use_cache\"", "\"final_logit_softcapping\": 30.0, \"use_cache\"");
    refused(ModelException.class, "final_logit_softcapping is set");
  }

  @Test
  void aLogitScoreBehindAMaskedLanguageModel() throws IOException {
    copy("cross-bert-modules");
    replace("modules.json", "sentence_transformer.modules.pooling.Pooling", LOGIT_SCORE);
    refused(ModelException.class, "a LogitScore reads a causal language model");
  }

  @Test
  void unknownSpladePooling() throws IOException {
    copy("sparse-bert");
    replace("1_SpladePooling/config.json", "\"max\"", "\"median\"");
    refused(ModelException.class, "unknown pooling_strategy [median], supported are max and sum");
  }

  @Test
  void unknownSpladeActivation() throws IOException {
    copy("sparse-bert");
    replace("1_SpladePooling/config.json", "\"relu\"", "\"softplus\"");
    refused(ModelException.class, "unknown activation_function [softplus]", "log1p_relu");
  }

  @Test
  void aSparseEncoderThatGoesOn() throws IOException {
    copy("sparse-bert");
    replace("modules.json", ".SpladePooling\"", ".SparseAutoEncoder\"");
    refused(ModelException.class, "after this network come [SparseAutoEncoder]");
  }

  @Test
  void aRouteThatIsNotThere() throws IOException {
    copy("sparse-inference-free-query");
    replace("router_config.json", "\"default_route\": \"document\"", "\"default_route\": \"both\"");
    refused(ModelException.class, "points to the route [both]", "[query, document]");
  }

  /** Such vectors cannot be compared. */
  @Test
  void routesWhoseVectorsAreOfTwoLengths() throws IOException {
    copy("dense-router");
    replace(
        "router_config.json",
        "\"query_1_Pooling\",\n            \"query_2_Dense\"",
        "\"query_1_Pooling\"");
    refused(ModelException.class, "not of one length: {query=32, document=16}");
  }

  @Test
  void lookupWeightsOfAnotherTokenizer() throws IOException {
    copy("sparse-inference-free-query");
    replace("query_0_SparseStaticEmbedding/model.safetensors", "\"weight\"", "\"height\"");
    refused(ModelException.class, "its SparseStaticEmbedding lacks weight");
  }

  @Test
  void noClassifier() throws IOException {
    copy("cross-roberta");
    replace("model.safetensors", "classifier.out_proj.weight", "classifier.out_prod.weight");
    refused(ModelException.class, "classifier.out_proj.weight is missing");
  }

  @Test
  void moreLabelsThanTheClassifierHas() throws IOException {
    copy("cross-bert");
    replace("config.json", "\"0\": \"LABEL_0\"", "\"0\": \"LABEL_0\", \"1\": \"LABEL_1\"");
    refused(
        ModelException.class, "classifier.weight has shape [1, 32], the config promises [2, 32]");
  }

  @Test
  void unknownActivation() throws IOException {
    copy("cross-bert");
    replace("config_sentence_transformers.json", "activation.Sigmoid", "activation.Sigmund");
    refused(ModelException.class, "has the activation [torch.nn.modules.activation.Sigmund]");
  }

  @Test
  void theActivationIsReadWhereverItIsStored() throws IOException {
    copy("cross-bert");
    replace("config_sentence_transformers.json", "\"activation_fn\"", "\"activation\"");
    replace(
        "config.json",
        "\"architectures\"",
        "\"sentence_transformers\": {\"activation_fn\": \"torch.nn.Identity\"}, \"architectures\"");
    try (CrossEncoder encoder = CrossEncoder.load(folder, EncoderOptions.defaults())) {
      PairScore score = encoder.score("a", List.of("b")).get(0);
      assertThat(score.scores()).isEqualTo(score.raw());
    }
    replace("config.json", "\"sentence_transformers\"", "\"other\"");
    replace(
        "config.json",
        "\"architectures\"",
        "\"sbert_ce_default_activation_function\": \"torch.nn.modules.activation.Tanh\", "
            + "\"architectures\"");
    try (CrossEncoder encoder = CrossEncoder.load(folder, EncoderOptions.defaults())) {
      PairScore score = encoder.score("a", List.of("b")).get(0);
      assertThat(score.score()).isEqualTo((float) Math.tanh(score.raw()[0]));
    }
  }
}
