package org.semlux.tests;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.ModelException;

/**
 * Folders made to do harm: what they claim is refused before memory is taken for it, in a sentence
 * that names the thing and nothing of this machine.
 */
@Isolated("counts open handles")
class HostileFolderTest extends BrokenFolders {
  private static final String BERT = "dense-bert-mean-normalize";

  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-normalize, num_hidden_layers, 1000000000",
    "dense-bert-mean-normalize, num_hidden_layers, 0",
    "dense-bert-mean-normalize, num_hidden_layers, -1",
    "dense-bert-mean-normalize, hidden_size, 4294967328",
    "dense-bert-mean-normalize, hidden_size, 32.9",
    "dense-bert-mean-normalize, hidden_size, 1e999999999",
    "dense-bert-mean-normalize, num_attention_heads, 0",
    "dense-bert-mean-normalize, intermediate_size, 2147483647",
    "dense-bert-mean-normalize, vocab_size, 2147483647",
    "dense-bert-mean-normalize, vocab_size, -216",
    "dense-bert-mean-normalize, max_position_embeddings, 1e18",
    "dense-bert-mean-normalize, type_vocab_size, 99999999999",
    "dense-distilbert-cls-max, n_layers, 1000000000",
    "dense-distilbert-cls-max, dim, 4294967328",
    "dense-roberta-mean, pad_token_id, 2147483647",
    "dense-roberta-mean, pad_token_id, -1",
    "dense-mpnet-mean-normalize, relative_attention_num_buckets, 2147483647",
    "dense-modernbert-mean, num_hidden_layers, 1000000000",
    "dense-modernbert-mean, num_attention_heads, 1073741824",
    "dense-modernbert-mean, local_attention, 2147483647",
    "dense-modernbert-mean, max_position_embeddings, 2147483647",
    "cross-bert-3-labels, num_hidden_layers, 1000000000",
    "sparse-bert, vocab_size, 2147483647",
  })
  void sizesBeyondReason(String golden, String key, String value) throws IOException {
    copy(golden);
    edit("config.json", config -> config.add(key, JsonParser.parseString(value)));
    refused("broken/config.json: \"" + key + "\" is " + value, "expected a whole number");
  }

  /** Within reason, and not what the weights are. */
  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-normalize, num_hidden_layers, 1024",
    "dense-bert-mean-normalize, vocab_size, 16777216",
    "dense-bert-mean-normalize, intermediate_size, 1048576",
    "cross-bert, vocab_size, 16777216",
    "sparse-bert, vocab_size, 16777216",
  })
  void sizesThatTheWeightsDoNotHave(String golden, String key, int value) throws IOException {
    copy(golden);
    edit("config.json", config -> config.addProperty(key, value));
    refused(ModelException.class, "weight ", "the config promises");
  }

  @Test
  void everyThirdOfNoLayers() throws IOException {
    copy("dense-modernbert-mean");
    edit(
        "config.json",
        config -> {
          config.remove("layer_types");
          config.addProperty("global_attn_every_n_layers", 0);
        });
    refused("\"global_attn_every_n_layers\" is 0, expected a whole number from 1");
  }

  @Test
  void labelsWithoutEnd() throws IOException {
    copy("cross-bert");
    edit(
        "config.json",
        config -> {
          config.remove("id2label");
          config.addProperty("num_labels", Integer.MAX_VALUE);
        });
    refused("\"num_labels\" is 2147483647, expected a whole number from 1 to 65536");
    edit("config.json", config -> config.addProperty("num_labels", 65_536));
    refused("classifier.weight has shape [1, 32], the config promises [65536, 32]");
  }

  @Test
  void twentyThousandModules() throws IOException {
    copy(BERT);
    JsonArray modules =
        JsonParser.parseString(Files.readString(folder.resolve("modules.json"))).getAsJsonArray();
    while (modules.size() < 20_000) {
      modules.add(modules.get(2));
    }
    write("modules.json", modules.toString());
    refused("modules.json names 20000 modules, 1 to 64 are possible");
  }

  @Test
  void aHundredThousandPoolings() throws IOException {
    copy(BERT);
    JsonArray modes = new JsonArray();
    for (int i = 0; i < 100_000; i++) {
      modes.add("mean");
    }
    edit("1_Pooling/config.json", config -> config.add("pooling_mode", modes));
    refused("100000 poolings at once");
  }

  @Test
  void denseLayersOfAnySize() throws IOException {
    copy("dense-bert-mean-dense");
    String file = "2_Dense/config.json";
    edit(file, config -> config.addProperty("out_features", Integer.MAX_VALUE));
    refused("2_Dense/config.json: \"out_features\" is 2147483647");
    edit(file, config -> config.addProperty("out_features", 1 << 20));
    refused("linear.weight has shape", "the config promises [1048576, ");
  }

  @Test
  void modulesOfSomebodyElse() throws IOException {
    copy(BERT);
    for (String path : new String[] {"../..", "/etc", "1_Pooling/../../x"}) {
      write(
          "modules.json",
          "[{\"type\":\"sentence_transformers.models.Transformer\",\"path\":\"" + path + "\"}]");
      refused(ModelException.class, "[" + path + "] points outside the folder");
    }
    Files.createSymbolicLink(
        folder.resolve("link"), Files.createDirectory(temporary.resolve("elsewhere")));
    write(
        "modules.json",
        "[{\"type\":\"sentence_transformers.models.Transformer\",\"path\":\"link\"}]");
    refused(ModelException.class, "[link] points outside the folder");
  }

  /** They may be called like the library's. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "custom_st.Transformer",
        "my.Pooling",
        "sentence_transformersx.Pooling",
        "Pooling"
      })
  void modulesThatAreCodeOfTheirOwn(String type) throws IOException {
    copy(BERT);
    String modules = Files.readString(folder.resolve("modules.json"));
    write(
        "modules.json", modules.replaceFirst("\"sentence_transformers[^\"]*\"", '"' + type + '"'));
    refused(ModelException.class, "its module [" + type + "] is code of its own");
  }

  @Test
  void activationsThatAreCodeOfTheirOwn() throws IOException {
    copy("dense-bert-mean-dense");
    edit("2_Dense/config.json", config -> config.addProperty("activation_function", "my.Tanh"));
    refused("[my.Tanh], supported are PyTorch's");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "modules.json | null | does not hold a list of objects",
        "modules.json | [null] | does not hold a list of objects",
        "modules.json | [7] | does not hold a list of objects",
        "modules.json | [] | names 0 modules",
        "modules.json | {} | does not hold a list of objects",
        "modules.json | [{\"type\":null}] | lacks \"type\"",
        "modules.json | [{\"type\":{}}] | \"type\" is an object, expected a text",
        "modules.json | [{\"type\":\"x\",\"path\":[]}] | \"path\" is a list, expected a text",
        "config.json | null | holds null instead of an object",
        "config.json | [] | holds a list instead of an object",
        "config.json | 7 | holds a number instead of an object",
        "config.json | {\"model_type\":[\"bert\"]} | \"model_type\" is a list, expected a text",
        "config.json | {\"model_type\":7} | \"model_type\" is 7, expected a text",
        "config_sentence_transformers.json | [] | holds a list instead of an object",
        "config_sentence_transformers.json | {\"prompts\":[]} | \"prompts\" is a list",
        "config_sentence_transformers.json | {\"prompts\":{\"query\":{}}} | \"query\" is an object",
        "config_sentence_transformers.json | {\"truncate_dim\":1.5} | \"truncate_dim\" is 1.5",
        "config_sentence_transformers.json | {\"default_prompt_name\":\"x\"} | [x], its prompts are",
        "config_sentence_transformers.json | {\"default_prompt_name\":7} | \"default_prompt_name\" is 7",
        "1_Pooling/config.json | {\"pooling_mode\":7} | \"pooling_mode\" is 7, expected a text",
        "1_Pooling/config.json | {\"pooling_mode\":[null]} | expected a list of texts",
        "1_Pooling/config.json | {\"pooling_mode_mean_tokens\":\"yes\"} | expected true or false",
        "sentence_bert_config.json | {\"max_seq_length\":\"128\"} | \"max_seq_length\" is a text, expected a number",
      })
  void otherValuesThanPromised(String file, String json, String expected) throws IOException {
    copy(BERT);
    write(file, json);
    refused(expected);
  }

  /** Looked at where nothing else says what kind of model it is. */
  @Test
  void architecturesThatAreNone() throws IOException {
    copy(BERT);
    Files.delete(folder.resolve("modules.json"));
    Files.delete(folder.resolve("config_sentence_transformers.json"));
    write("config.json", "{\"architectures\":7}");
    refused("\"architectures\" is 7, expected a list of texts");
    write("config.json", "{\"architectures\":[null]}");
    refused("\"architectures\" is a list, expected a list of texts");
  }

  @Test
  void foldersWhereFilesAreExpected() throws IOException {
    copy(BERT);
    Files.delete(folder.resolve("config.json"));
    Files.createDirectory(folder.resolve("config.json"));
    refused(IOException.class, "broken/config.json is a folder where a file is expected");
  }

  @Test
  void jsonWithoutEnd() throws IOException {
    copy(BERT);
    write("config.json", "[".repeat(100_000));
    refused(IOException.class, "broken/config.json does not hold the JSON that it should");
    write("config.json", "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000));
    refused(IOException.class, "broken/config.json does not hold the JSON that it should");
    write("config.json", "{\"a\":[" + "{},".repeat(3_000_000) + "{}]}");
    refused(IOException.class, "broken/config.json holds more than the", "values");
    Files.write(
        folder.resolve("config.json"), new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
    refused(IOException.class, "broken/config.json is not written in UTF-8");
    write("config.json", "{} {}");
    refused(IOException.class, "broken/config.json holds more than one JSON value");
  }

  @Test
  void namesOfAMegabyte() throws IOException {
    copy(BERT);
    String name = "x\n\u0000".repeat(1 << 18);
    edit("config.json", config -> config.addProperty("model_type", name));
    refused(ModelException.class, "unknown architecture [x ");
    edit("config.json", config -> config.addProperty("model_type", "half"));
    String config = Files.readString(folder.resolve("config.json"));
    write("config.json", config.replace("half", "\\ud800 bort"));
    refused(ModelException.class, "unknown architecture [  bort");
  }
}
