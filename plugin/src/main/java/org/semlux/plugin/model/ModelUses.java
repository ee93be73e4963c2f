package org.semlux.plugin.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.ingest.IngestMetadata;
import org.elasticsearch.ingest.PipelineConfiguration;
import org.elasticsearch.rest.RestStatus;
import org.semlux.ingest.processor.SemluxProcessor;

/** What in the cluster's state names a model, or an alias of it, and would fail without it. */
public final class ModelUses {
  /** The type of fields that name a model in a mapping. */
  public static final String FIELD_TYPE = "semlux_text";

  private ModelUses() {}

  /**
   * Refuses to take a model out of use that is in use.
   *
   * @throws ElasticsearchStatusException that names its aliases, pipelines and indices: 409
   */
  public static void requireNone(ClusterState state, String id) {
    List<String> aliases = SemluxMetadata.of(state).aliasesOf(id);
    Set<String> names = new HashSet<>(aliases);
    names.add(id);
    List<String> uses = new ArrayList<>();
    if (!aliases.isEmpty()) {
      uses.add("the aliases " + aliases);
    }
    uses.addAll(of(state, names));
    refuse("model [" + id + "]", uses);
  }

  /**
   * Refuses to take an alias away that is in use.
   *
   * @throws ElasticsearchStatusException that names its pipelines and indices: 409
   */
  public static void requireNoneOfAlias(ClusterState state, String alias) {
    refuse("alias [" + alias + "]", of(state, Set.of(alias)));
  }

  private static void refuse(String what, List<String> uses) {
    if (!uses.isEmpty()) {
      throw new ElasticsearchStatusException(
          "{} is in use by {}: point them to another model, or delete them, first; or ask with"
              + " force=true",
          RestStatus.CONFLICT,
          what,
          String.join(" and ", uses));
    }
  }

  /**
   * The pipelines and indices that name any of these models and aliases, as a sentence has them.
   */
  public static List<String> of(ClusterState state, Collection<String> models) {
    Set<String> names = new HashSet<>(models); // asked for null where nothing is named
    List<String> uses = new ArrayList<>();
    Collection<String> pipelines = pipelines(state, names);
    if (!pipelines.isEmpty()) {
      uses.add("the pipelines " + pipelines);
    }
    Collection<String> indices = indices(state, names);
    if (!indices.isEmpty()) {
      uses.add("fields of the indices " + indices);
    }
    return uses;
  }

  private static Collection<String> indices(ClusterState state, Set<String> names) {
    Set<String> found = new TreeSet<>();
    for (IndexMetadata index : state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID)) {
      if (index.mapping() != null && isMapped(index.mapping().sourceAsMap(), names)) {
        found.add(index.getIndex().getName());
      }
    }
    return found;
  }

  /** Whether a field of ours stands anywhere in this. */
  private static boolean isMapped(Map<?, ?> node, Set<String> names) {
    boolean ours =
        FIELD_TYPE.equals(node.get("type"))
            && (names.contains(node.get("model_id"))
                || names.contains(node.get("search_model_id"))
                || madeVectors(node.get("model_settings"), names));
    return ours
        || node.values().stream()
            .anyMatch(value -> value instanceof Map<?, ?> map && isMapped(map, names));
  }

  /** Whether documents have vectors by it still, though the mapping names another one by now. */
  private static boolean madeVectors(Object settings, Set<String> names) {
    return settings instanceof Map<?, ?> map
        && map.get("models") instanceof Map<?, ?> models
        && models.entrySet().stream()
            .anyMatch(one -> names.contains(one.getKey()) || names.contains(one.getValue()));
  }

  private static Collection<String> pipelines(ClusterState state, Set<String> names) {
    ProjectMetadata project = state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID);
    IngestMetadata ingest = project.custom(IngestMetadata.TYPE);
    if (ingest == null) {
      return List.of();
    }
    Set<String> found = new TreeSet<>();
    for (PipelineConfiguration pipeline : ingest.getPipelines().values()) {
      if (names(pipeline.getConfig(), names)) {
        found.add(pipeline.getId());
      }
    }
    return found;
  }

  /** Whether our processor stands anywhere in this, be it in another's or behind a failure. */
  private static boolean names(Object config, Set<String> names) {
    if (config instanceof List<?> list) {
      return list.stream().anyMatch(value -> names(value, names));
    }
    if (!(config instanceof Map<?, ?> map)) {
      return false;
    }
    boolean ours =
        map.get(SemluxProcessor.TYPE) instanceof Map<?, ?> processor
            && processor.get("model_id") instanceof String model
            && names.contains(model);
    return ours || map.values().stream().anyMatch(value -> names(value, names));
  }
}
