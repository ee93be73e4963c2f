package org.semlux.encoders.text;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;

/**
 * The texts that a model wants before its inputs. One is added only when an input type, a prompt
 * name or the model's default prompt asks for it.
 *
 * {@snippet lang=java :
 * Map<String, String> byName = Map.of("query", "query: ", "document", "passage: ");
 * Prompts prompts = new Prompts("e5", byName, Optional.empty());
 * prompts.ofSide(InputType.DOCUMENT); // "passage: "
 * prompts.resolve(EncodeRequest.of(List.of("Who plays?")).withPromptName("query")); // "query: "
 * prompts.resolve(EncodeRequest.of(List.of("Who plays?"))); // ""
 * }
 *
 * @param byName the model's prompts
 * @param byDefault the one used when a request names neither prompt nor input type
 */
public record Prompts(String model, Map<String, String> byName, Optional<String> byDefault) {
  public static Prompts of(ModelFolder folder) throws IOException {
    return new Prompts(folder.name(), folder.prompts(), folder.defaultPromptName());
  }

  /**
   * The prompt for a request; empty for none.
   *
   * @throws ModelException when the request names a prompt that the model does not have
   */
  public String resolve(EncodeRequest request) {
    if (request.promptName().isPresent()) {
      return named(request.promptName().get());
    }
    if (request.inputType().isPresent()) {
      return ofSide(request.inputType().get());
    }
    return byDefault.map(this::named).orElse("");
  }

  private String named(String name) {
    String prompt = byName.get(name);
    if (prompt == null) {
      throw ModelException.of(
          model,
          "there is no prompt [" + Excerpt.of(name) + "], its prompts are " + byName.keySet());
    }
    return prompt;
  }

  /**
   * The prompt of one side of a search; empty for none. As the reference's encode_query and
   * encode_document, which never fall back on the default, nor on the names {@code passage} and
   * {@code corpus}: every model has a prompt {@code document} there, empty if none is saved.
   */
  public String ofSide(InputType type) {
    return byName.getOrDefault(type == InputType.QUERY ? "query" : "document", "");
  }
}
