package org.semlux.encoders.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * The keys of {@code tokenizer_config.json} and {@code sentence_bert_config.json}: those that are
 * read, and those that change no vector. Any other could change one, so it is refused by name. The
 * one place for what is harmless.
 */
final class TokenizerKeys {
  /** Read here, with what the reference makes of them. */
  private static final Set<String> READ =
      Set.of(
          "tokenizer_class",
          "model_max_length",
          "max_len",
          "model_input_names",
          "truncation_side",
          "do_lower_case",
          "strip_accents",
          "tokenize_chinese_chars",
          "add_prefix_space",
          "keep_accents",
          "split_by_punct",
          "extra_ids",
          "unk_id",
          "added_tokens_decoder",
          "additional_special_tokens",
          "extra_special_tokens",
          "model_specific_special_tokens",
          "cls_token",
          "sep_token",
          "pad_token",
          "unk_token",
          "mask_token",
          "bos_token",
          "eos_token");

  /** What other tools read, how text is made of tokens, padding, and where a file came from. */
  private static final Set<String> HARMLESS =
      Set.of(
          "add_dummy_prefix_space", // nobody reads it
          "auto_map",
          "backend",
          "chat_template",
          "clean_up_tokenization_spaces",
          "do_basic_tokenize",
          "errors",
          "fix_mistral_regex", // of Mistral's architectures alone, which are not known here
          "from_slow",
          "is_local",
          "legacy",
          "local_files_only",
          "max_length",
          "name_or_path",
          "never_split",
          "pad_id",
          "pad_to_multiple_of",
          "pad_token_id",
          "pad_token_type_id",
          "padding",
          "padding_side",
          "processor_class",
          "remove_space",
          "sp_model_kwargs",
          "spaces_between_special_tokens",
          "special_tokens_map_file",
          "stride",
          "tokenizer_file",
          "tokenizer_type",
          "trim_offsets",
          "truncation",
          "truncation_strategy",
          "use_default_system_prompt",
          "use_fast",
          "vocab_file",
          "vocab_size",
          "vocab_type",
          "wordpieces_prefix");

  /** Where it is true the reference reads {@code tokenizer.json} as it is, whatever the class. */
  private static final String TRUST = "trust_remote_code";

  /** Harmless as long as they ask for nothing. */
  private static final Set<String> HARMLESS_WHEN_OFF =
      Set.of("add_bos_token", "add_eos_token", "split_special_tokens", TRUST);

  /** Where {@code tokenizer.json} is there it says what stands around a text. */
  private static final Set<String> SAID_BY_FILE = Set.of("add_bos_token", "add_eos_token");

  private static final Set<String> TRANSFORMER =
      Set.of(
          "max_seq_length",
          "do_lower_case",
          "query_length",
          "document_length",
          "transformer_task",
          "modality_config",
          "module_output_name",
          "unpad_inputs");

  /** Objects of arguments that the reference hands on to what loads config, weights, tokenizer. */
  private static final Set<String> ARGUMENTS =
      Set.of("model_args", "model_kwargs", "config_args", "config_kwargs");

  /** How the reference loads weights, from where, and what it computes in. */
  private static final Set<String> HARMLESS_ARGUMENTS =
      Set.of(
          "add_pooling_layer",
          "attn_implementation",
          "cache_dir",
          "code_revision",
          "device_map",
          "dtype",
          "force_download",
          "local_files_only",
          "low_cpu_mem_usage",
          "revision",
          "token",
          "torch_dtype",
          "trust_remote_code",
          "use_auth_token",
          "use_safetensors");

  private TokenizerKeys() {}

  /**
   * Looks through what {@code tokenizer_config.json} and the files beside it say.
   *
   * @param file that a key's value is from
   * @param whole whether there is a {@code tokenizer.json}
   */
  static void check(
      String model,
      JsonFile settings,
      UnaryOperator<String> file,
      TokenizerClass kind,
      boolean whole)
      throws IOException {
    for (String key : settings.object().keySet()) {
      boolean known =
          !settings.has(key)
              || READ.contains(key)
              || HARMLESS.contains(key)
              || (whole && SAID_BY_FILE.contains(key))
              || (kind == TokenizerClass.AS_IT_IS && key.equals(TRUST))
              || (HARMLESS_WHEN_OFF.contains(key) && !settings.getBoolean(key, false))
              || SpecialTokens.isOwn(key, settings.object().get(key));
      if (!known) {
        throw unknown(model, file.apply(key), key);
      }
    }
  }

  /**
   * Looks through a {@code sentence_bert_config.json}.
   *
   * @param task what the modules take the network for
   * @param usual what it is for where nothing says
   * @param expands whether queries may be filled up
   */
  static void checkTransformer(
      String model, JsonFile settings, String task, String usual, boolean expands)
      throws IOException {
    String file = settings.file().getFileName().toString();
    String asked = settings.getString("transformer_task", usual);
    if (!asked.equals(task)) {
      throw ModelException.of(
          model,
          "by its %s the transformer_task is [%s], its modules take a network for [%s]"
              .formatted(file, ModelException.brief(asked), task));
    }
    for (Map.Entry<String, JsonElement> set : settings.object().entrySet()) {
      String key = set.getKey();
      boolean empty = set.getValue().isJsonObject() && set.getValue().getAsJsonObject().isEmpty();
      boolean known = TRANSFORMER.contains(key) || (expands && key.equals("query_expansion"));
      if (!settings.has(key) || known || empty) {
        continue;
      }
      if (!ARGUMENTS.contains(key)) {
        throw unknown(model, file, key);
      }
      for (String argument : settings.requireObject(key).object().keySet()) {
        if (!HARMLESS_ARGUMENTS.contains(argument)) {
          throw unknown(model, file, key + "." + argument);
        }
      }
    }
  }

  /**
   * Looks through how the network is asked, {@code modality_config}: for texts, in its only way;
   * for messages, which the reference prefers, only where pairs are read.
   *
   * @param pairs whether the model reads pairs
   */
  static void checkInputs(String model, JsonFile settings, String task, boolean pairs)
      throws IOException {
    Optional<JsonFile> inputs = settings.getObject("modality_config");
    if (inputs.isEmpty()) {
      return;
    }
    String output = task.equals("feature-extraction") ? "last_hidden_state" : "logits";
    boolean messages = inputs.get().has(ChatPairs.MESSAGE);
    JsonElement asked = inputs.get().object().get(messages ? ChatPairs.MESSAGE : "text");
    boolean known =
        (pairs || !messages)
            && asked != null
            && asked.isJsonObject()
            && isText(asked, "method", "forward")
            && isText(asked, "method_output_name", output);
    if (!known) {
      throw ModelException.of(
          model,
          "its %s asks the network for [%s] in [modality_config], supported are %s by [forward]"
              .formatted(
                  settings.file().getFileName(),
                  ModelException.brief(inputs.get().object().toString()),
                  "the [%s] of texts%s".formatted(output, pairs ? " or messages" : "")));
    }
  }

  private static boolean isText(JsonElement asked, String key, String value) {
    return new JsonPrimitive(value).equals(asked.getAsJsonObject().get(key));
  }

  static ModelException unknown(String model, String file, String key) {
    return ModelException.of(
        model,
        "its "
            + file
            + " sets ["
            + key
            + "], which may change its answers and is not supported here: remove it if it does"
            + " not");
  }
}
