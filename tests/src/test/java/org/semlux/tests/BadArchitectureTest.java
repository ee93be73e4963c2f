package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.ModelException;

/** Keys of configs that would change the answer and ask for what is not computed: each by name. */
class BadArchitectureTest {
  private static final JsonObject OWN_CODE =
      JsonParser.parseString("{\"AutoModel\":\"modeling.Own\"}").getAsJsonObject();

  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "dense-electra-mean | hidden_act | \"quick\" | unknown activation [quick]",
        "dense-electra-mean | embedding_size | 20 | has shape",
        "dense-albert-cls-normalize | inner_group_num | 2 | inner_group_num is 2",
        "dense-albert-cls-normalize | num_hidden_groups | 3 | albert_layer_groups.2",
        "dense-deberta-v2-mean | pos_att_type | \"p2p\" | unknown pos_att_type [p2p]",
        "dense-deberta-v2-mean | norm_rel_ebd | \"batch\" | unknown norm_rel_ebd [batch]",
        "dense-deberta-v2-mean | embedding_size | 16 | embedding_size is 16",
        "dense-deberta-v2-convolution-cls | conv_kernel_size | 4 | conv_kernel_size is 4",
        "dense-nomic-bert-mean | prenorm | true | prenorm is true",
        "dense-nomic-bert-mean | head_dim | 4 | head_dim is 4",
        "dense-nomic-bert-mean | rotary_emb_fraction | 0.5 | rotary_emb_fraction",
        "dense-eurobert-mean | num_key_value_heads | 3 | cannot share 3 heads of keys",
        "dense-eurobert-mean | rope_scaling | {\"rope_type\":\"longrope\"} | type [longrope]",
        "dense-eurobert-mean | rope_parameters | {\"rope_type\":\"longrope\"} | type [longrope]",
        "dense-eurobert-mean | rope_parameters | {\"rope_type\":\"linear\"} | lack [factor]",
        "dense-eurobert-mean | rope_scaling | {\"type\":\"dynamic\"} | lack [factor]",
        "dense-eurobert-mean | partial_rotary_factor | 0.5 | partial_rotary_factor is 0.5",
        "dense-bert-cls | quantization_config | {\"quant_method\":\"awq\"} | [quantization_config] with [awq]",
        "dense-bert-cls | quantization_config | {} | [quantization_config] with [no quant_method]",
        "dense-t5-mean-dense | dense_act_fn | \"quick\" | unknown activation [quick]",
        "dense-t5-mean-dense | is_gated_act | true | wi_0.weight is missing",
        "dense-qwen3-lasttoken-normalize | layer_types | [\"linear\",\"linear\"] | unknown layer type",
        "dense-qwen3-lasttoken-normalize | rope_parameters | {\"full_attention\":{\"rope_theta\":9.0}}"
            + " | given for full_attention",
        "dense-qwen3-lasttoken-normalize | is_causal | false | sets [is_causal] to false: a qwen3",
        "dense-gemma3-mean-normalize | is_causal | false | sets [is_causal] to false: a gemma3_text",
        "dense-qwen3-lasttoken-normalize | attention_bias | true | q_proj.bias is missing",
        "dense-gemma3-mean-normalize | attn_logit_softcapping | 50.0 | attn_logit_softcapping is set",
        "dense-gemma3-mean-normalize | head_dim | 12 | join to 60 rows"
      })
  void isRefusedByName(String golden, String key, String value, String message) throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    model.edit("config.json", config -> config.add(key, JsonParser.parseString(value)));
    assertThatThrownBy(model::load)
        .isInstanceOf(ModelException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(message).hasSizeLessThan(400));
  }

  @ParameterizedTest
  @CsvSource({
    "dense-qwen3-lasttoken-normalize, JinaForRanking, Qwen3Model",
    "dense-qwen3-lasttoken-normalize, Qwen3BidirectionalModel, Qwen3Model",
    "dense-t5-mean-dense, T5EncoderOfMine, T5EncoderModel"
  })
  void codeBehindKnownTypeIsRefused(String golden, String name, String known) throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    JsonArray classes = new JsonArray();
    classes.add(name);
    model.edit("config.json", config -> config.add("architectures", classes));
    model.load().close(); // without code the name decides nothing, as in the reference
    model.edit("config.json", config -> config.add("auto_map", OWN_CODE));
    assertThatThrownBy(model::load)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("its architecture [" + name + "] is code of its own (auto_map)")
        .hasMessageEndingWith("such as " + known);
    model.edit("config.json", config -> config.remove("architectures"));
    assertThatThrownBy(model::load)
        .hasMessageContaining("[auto_map], code of its own")
        .hasMessageContaining("no [architectures]");
  }

  @ParameterizedTest
  @CsvSource({
    "dense-nomic-bert-mean, NomicBertModel, NomicBertModel",
    "dense-nomic-bert-mean, NomicBertForPreTraining, NomicBertForPreTraining",
    "dense-eurobert-mean, EuroBertForMaskedLM, EuroBertPreTrainedModel",
    "dense-jina-embeddings-v3-mean-normalize, JinaEmbeddingsV3Model, JinaEmbeddingsV3ForMaskedLM"
  })
  void codeThatTheLibraryTookInIsNotNeeded(String golden, String name, String mapped)
      throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    map(model, name, "AutoModel", "nobody/else--modeling_own." + mapped);
    model.assertSameAsGolden();
  }

  /** A config's class and a tokenizer's compute nothing. */
  @ParameterizedTest
  @CsvSource({
    "dense-t5-mean-dense, T5ForConditionalGeneration",
    "dense-gemma3-mean-normalize, Gemma3ForCausalLM"
  })
  void codeOfNoNetworkIsNotNeeded(String golden, String name) throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    map(model, name, "AutoConfig", "configuration.OwnConfig");
    model.assertSameAsGolden();
  }

  /** What turns a network both ways, or adds adapters, mostly keeps the name of its class. */
  @ParameterizedTest
  @CsvSource({
    "dense-qwen3-lasttoken-normalize, Qwen3Model, AutoModel, modeling.Qwen3Model",
    "dense-gemma3-mean-normalize, Gemma3TextModel, AutoModel, modeling.Gemma3TextModel",
    "dense-xlm-roberta-mean, XLMRobertaModel, AutoModel, a/b--modeling_lora.XLMRobertaLoRA",
    "dense-nomic-bert-mean, NomicBertModel, AutoModel, modeling.NomicVisionModel",
    "dense-bert-cls, BertModel, AutoModelForMaskedLM, modeling.BertForMaskedLM"
  })
  void codeOfNetworkIsRefused(String golden, String name, String key, String mapped)
      throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    map(model, name, key, mapped);
    assertThatThrownBy(model::load)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("[auto_map] with [" + mapped + "] of " + key)
        .hasMessageEndingWith("take [auto_map] away");
  }

  private static void map(GoldenCopy model, String architecture, String key, String mapped)
      throws IOException {
    JsonArray classes = new JsonArray();
    classes.add(architecture);
    JsonObject map = new JsonObject();
    map.addProperty(key, mapped);
    model.edit(
        "config.json",
        config -> {
          config.add("architectures", classes);
          config.add("auto_map", map);
        });
  }
}
