package org.semlux.training.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.index.Index;
import org.semlux.training.tune.Component;
import org.semlux.training.tune.SearchTemplate;

/**
 * One of two deployed models that are compared, and how it is searched with.
 *
 * @param said what the cluster says of it
 * @param field that it made, or reads
 * @param template of the search; empty for that of the model's kind
 */
record ComparedModel(
    JsonObject said, Index index, Optional<String> field, Optional<SearchTemplate> template) {
  /**
   * Finds a model.
   *
   * @param name an id or an alias: asked is what that stands for now, since it may move meanwhile
   */
  static ComparedModel of(
      String name, Index index, Optional<String> field, Optional<SearchTemplate> template)
      throws IOException {
    return new ComparedModel(find(index.cluster(), name), index, field, template);
  }

  private static JsonObject find(Cluster cluster, String name) throws IOException {
    for (JsonElement element : cluster.ask("GET", "/_semlux/models", "").getAsJsonArray("models")) {
      JsonObject model = element.getAsJsonObject();
      boolean own = model.get("id").getAsString().equals(name);
      if (own || model.getAsJsonArray("aliases").contains(new JsonPrimitive(name))) {
        if (!model.has("kind")) {
          throw new IOException("no node has loaded the model [" + name + "]: deploy it first");
        }
        return model;
      }
    }
    throw new IOException("the cluster has no model or alias [" + name + "]");
  }

  JsonElement version() {
    return said.get("version");
  }

  private String id() {
    return said.get("id").getAsString();
  }

  /**
   * The bodies of its searches.
   *
   * @param count documents that are looked at
   * @throws IOException when another model would be searched with, or none
   */
  Function<String, JsonObject> search(int count) throws IOException {
    if (template.isPresent()) {
      return filled(template.get())::search;
    }
    String name = field.orElseThrow();
    String kind = said.get("kind").getAsString();
    if (!kind.equals("dense") && !kind.equals("sparse")) {
      throw new IOException(
          "[%s] is a %s model, which makes no field: give --search, a search with a retriever that asks {{model}}, such as semlux_rerank"
              .formatted(id(), kind));
    }
    if (isSemluxText(name)) {
      return Component.semluxText(name, count)::search;
    }
    return kind.equals("dense")
        ? Component.dense(name, id(), count)::search
        : Component.sparse(name, id()).get(0)::search;
  }

  /** A report of models that were not asked would have others deployed. */
  private SearchTemplate filled(SearchTemplate search) throws IOException {
    if (search.names(SearchTemplate.FIELD) && field.isEmpty()) {
      throw new IOException(search.file() + " names {{field}}: give --field and --other-field");
    }
    if (field.isPresent() && !search.names(SearchTemplate.FIELD)) {
      throw new IOException(
          search.file() + " has no {{field}}: write it there, or leave the option for it out");
    }
    if (!search.names(SearchTemplate.MODEL)
        && !(search.names(SearchTemplate.FIELD) && isSemluxText(field.orElseThrow()))) {
      throw new IOException(
          search.file()
              + " does not say where the model [%s] is asked: write {{model}} there, or {{field}} for a field of type semlux_text"
                  .formatted(id()));
    }
    return search.with(SearchTemplate.MODEL, id()).with(SearchTemplate.FIELD, field.orElse(""));
  }

  /** Whether a field knows its model itself, which is this one then, and that of every document. */
  private boolean isSemluxText(String name) throws IOException {
    if (!index.fields().getOrDefault(name, Set.of()).contains("text")) { // the type's family
      return false;
    }
    Set<String> models = index.models(name);
    for (String model : models) {
      if (!find(index.cluster(), model).get("id").getAsString().equals(id())) {
        throw new IOException(
            "the field [%s] of [%s] is of the model [%s], not of [%s], or has documents that are: _reencode writes them anew"
                .formatted(name, index.name(), model, id()));
      }
    }
    return !models.isEmpty();
  }
}
