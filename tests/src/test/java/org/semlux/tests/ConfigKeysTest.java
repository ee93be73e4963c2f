package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonNull;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.DenseEncoder;

/** Keys of {@code config.json} under other names, and what a missing one means. */
class ConfigKeysTest {
  @TempDir Path temporary;

  /** Those of the code that it came with; the reference reads its own alone. */
  @Test
  void nomicsPublishedKeys() throws IOException {
    GoldenCopy model = GoldenCopy.of("dense-nomic-bert-mean", temporary);
    Map<String, String> published =
        Map.of(
            "hidden_size", "n_embd",
            "num_attention_heads", "n_head",
            "num_hidden_layers", "n_layer",
            "intermediate_size", "n_inner",
            "max_position_embeddings", "n_positions",
            "layer_norm_eps", "layer_norm_epsilon",
            "hidden_dropout_prob", "resid_pdrop",
            "attention_probs_dropout_prob", "attn_pdrop");
    model.edit(
        "config.json",
        config -> {
          published.forEach((own, name) -> config.add(name, config.remove(own)));
          config.remove("head_dim");
          config.remove("rope_parameters");
          config.addProperty("rotary_emb_base", 1_000);
          config.remove("hidden_act");
          config.addProperty("activation_function", "swiglu");
        });
    model.assertSameAsGolden();
    for (String key : List.of("rotary_emb_base", "layer_norm_epsilon")) {
      model.edit("config.json", config -> config.addProperty(key, 9));
      assertThat(model.answers().get(0)).as(key).isNotEqualTo(model.goldenAnswers().get(0));
      model.edit("config.json", config -> config.remove(key));
    }
  }

  /** The key of the code that it came with; transformers' own counts where both are there. */
  @ParameterizedTest
  @ValueSource(strings = {"cross-eurobert-bos", "cross-eurobert-mean-3-labels"})
  void euroBertsPublishedPooling(String golden) throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    model.edit(
        "config.json", config -> config.add("clf_pooling", config.remove("classifier_pooling")));
    GoldensTest.check(model.folder());
    model.edit(
        "config.json",
        config -> {
          config.add("classifier_pooling", config.get("clf_pooling"));
          config.addProperty("clf_pooling", "late");
        });
    GoldensTest.check(model.folder());
  }

  /** A window that is switched on and not named is one of 4,096, as in the reference. */
  @Test
  void aWindowWithoutItsLength() throws IOException {
    GoldenCopy model = GoldenCopy.of("dense-qwen3-lasttoken-normalize", temporary);
    model.edit("sentence_bert_config.json", json -> json.addProperty("max_seq_length", 5_000));
    String text = "The dog barks." + " rain".repeat(4_500);
    float[] wide = answer(model, text);
    model.edit(
        "config.json",
        config -> {
          config.addProperty("use_sliding_window", true);
          config.remove("sliding_window");
          config.remove("layer_types");
          config.addProperty("max_window_layers", 0);
        });
    float[] unnamed = answer(model, text);
    model.edit("config.json", config -> config.addProperty("sliding_window", 4_096));
    float[] named = answer(model, text);
    model.edit("config.json", config -> config.add("sliding_window", JsonNull.INSTANCE));
    float[] none = answer(model, text);
    assertThat(unnamed).isEqualTo(named).isNotEqualTo(wide);
    assertThat(none).isEqualTo(wide);
  }

  private static float[] answer(GoldenCopy model, String text) throws IOException {
    try (DenseEncoder encoder = model.load()) {
      return encoder.encode(List.of(text)).get(0).values();
    }
  }
}
