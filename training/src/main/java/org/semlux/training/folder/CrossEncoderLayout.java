package org.semlux.training.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.semlux.encoders.folder.JsonFile;

/**
 * What makes a transformer's folder a cross-encoder: the module list and the modules' settings, as
 * sentence-transformers 6 writes them.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("model"); // holds a BertForSequenceClassification
 * CrossEncoderLayout.writeClassifier(folder); // now it has modules.json as well
 * }
 */
public final class CrossEncoderLayout {
  private static final String SIGMOID = "torch.nn.modules.activation.Sigmoid";

  private CrossEncoderLayout() {}

  /** The files of a classifier. */
  public static void writeClassifier(Path folder) throws IOException {
    JsonObject transformer = DenseLayout.transformer("sequence-classification", "logits", "scores");
    write(folder, transformer, new JsonArray(), SIGMOID);
  }

  /**
   * The files of a causal language model that answers yes or no: the score is by how much the one
   * token is likelier to come next than the other.
   *
   * @param yes the token's id
   * @param no the other's
   * @param messages how its chat template is given messages, {@code flat} or {@code structured};
   *     empty where it has none and reads texts
   * @param activation the last one, by its PyTorch class
   */
  public static void writeYesOrNo(
      Path folder, int yes, int no, Optional<String> messages, String activation)
      throws IOException {
    String output = "causal_logits";
    JsonObject transformer = DenseLayout.transformer("text-generation", "logits", output);
    if (messages.isPresent()) {
      JsonObject modalities = transformer.getAsJsonObject("modality_config");
      JsonObject message = modalities.getAsJsonObject("text").deepCopy();
      message.addProperty("format", messages.get());
      modalities.add("message", message);
    }
    JsonArray heads = new JsonArray();
    heads.add(
        DenseLayout.module(1, "1_LogitScore", "cross_encoder.modules.logit_score.LogitScore"));
    write(folder, transformer, heads, activation);
    JsonObject score = new JsonObject();
    score.addProperty("true_token_id", yes);
    score.addProperty("false_token_id", no);
    score.addProperty("module_input_name", output);
    Path scoreFolder = Files.createDirectories(folder.resolve("1_LogitScore"));
    JsonFile.write(scoreFolder.resolve("config.json"), score, 4);
  }

  private static void write(Path folder, JsonObject transformer, JsonArray heads, String activation)
      throws IOException {
    JsonArray modules = new JsonArray();
    modules.add(DenseLayout.module(0, "", "base.modules.transformer.Transformer"));
    modules.addAll(heads);
    JsonFile.write(folder.resolve("modules.json"), modules, 2);
    JsonObject settings = DenseLayout.version();
    settings.addProperty("activation_fn", activation);
    settings.add("default_prompt_name", JsonNull.INSTANCE);
    settings.addProperty("model_type", "CrossEncoder");
    settings.add("prompts", new JsonObject());
    JsonFile.write(folder.resolve("config_sentence_transformers.json"), settings, 2);
    JsonFile.write(folder.resolve("sentence_bert_config.json"), transformer, 4);
  }
}
