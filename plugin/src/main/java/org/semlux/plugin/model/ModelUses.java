package org.semlux.plugin.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.IndexTemplateMetadata;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.cluster.metadata.Template;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.ingest.IngestMetadata;
import org.elasticsearch.ingest.PipelineConfiguration;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.ingest.processor.SemluxProcessor;

/**
 * What in the cluster's state names a model, or an alias of it, and would fail without it. Keeps
 * what it has read of mappings: whoever asks again, of a later state and on the one thread that
 * makes states, waits for what is new in it alone.
 */
public final class ModelUses {
  /** The type of fields that name a model in a mapping. */
  public static final String FIELD_TYPE = "semlux_text";

  /** The models and aliases that mappings name, by the mappings' hashes; many indices share one. */
  private final Map<String, Set<String>> mapped = new ConcurrentHashMap<>();

  /**
   * Refuses to take a model out of use that is in use.
   *
   * @throws ElasticsearchStatusException that names its aliases, pipelines, indices, data streams
   *     and templates: 409
   */
  public void requireNone(ClusterState state, String id) {
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
   * @throws ElasticsearchStatusException that names its pipelines, indices, data streams and
   *     templates: 409
   */
  public void requireNoneOfAlias(ClusterState state, String alias) {
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
   * The pipelines, indices, data streams and templates that name any of these models and aliases,
   * as a sentence has them.
   */
  public List<String> of(ClusterState state, Set<String> names) {
    ProjectMetadata project = state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID);
    List<String> uses = new ArrayList<>();
    add(uses, "the pipelines", pipelines(project, names));
    add(
        uses,
        "fields of the indices",
        naming(project.indices(), index -> source(index.mapping()), names));
    add(
        uses,
        "the mappings of the data streams",
        naming(project.dataStreams(), DataStream::getMappings, names));
    add(
        uses,
        "the index templates",
        naming(project.templatesV2(), template -> mappings(template.template()), names));
    add(
        uses,
        "the component templates",
        naming(project.componentTemplates(), template -> mappings(template.template()), names));
    add(
        uses,
        "the legacy index templates",
        naming(project.templates(), IndexTemplateMetadata::mappings, names));
    return uses;
  }

  private static void add(List<String> uses, String what, Collection<String> found) {
    if (!found.isEmpty()) {
      uses.add(what + " " + found);
    }
  }

  @Nullable private static CompressedXContent source(@Nullable MappingMetadata mapping) {
    return mapping == null ? null : mapping.source();
  }

  @Nullable private static CompressedXContent mappings(@Nullable Template template) {
    return template == null ? null : template.mappings();
  }

  /** Those whose mappings, where they have any, name one of these. */
  private <T> Collection<String> naming(
      Map<String, T> all, Function<T, CompressedXContent> mapping, Set<String> names) {
    Set<String> found = new TreeSet<>();
    all.forEach(
        (name, one) -> {
          CompressedXContent source = mapping.apply(one);
          if (source != null && !Collections.disjoint(in(source), names)) {
            found.add(name);
          }
        });
    return found;
  }

  private Set<String> in(CompressedXContent mapping) {
    return mapped.computeIfAbsent(
        mapping.getSha256(),
        hash -> {
          Set<String> found = new HashSet<>();
          collect(
              XContentHelper.convertToMap(mapping.uncompressed(), false, XContentType.JSON).v2(),
              found);
          return found;
        });
  }

  /** What fields of ours name, wherever they stand in this: dynamic templates are lists. */
  private static void collect(@Nullable Object node, Set<String> found) {
    if (node instanceof List<?> list) {
      list.forEach(one -> collect(one, found));
    }
    if (!(node instanceof Map<?, ?> map)) {
      return;
    }
    if (FIELD_TYPE.equals(map.get("type"))) {
      add(map.get("model_id"), found);
      add(map.get("search_model_id"), found);
      // Documents have vectors by these still, though the mapping may name another one by now.
      if (map.get("model_settings") instanceof Map<?, ?> settings
          && settings.get("models") instanceof Map<?, ?> models) {
        models.forEach(
            (model, searchModel) -> {
              add(model, found);
              add(searchModel, found);
            });
      }
    }
    map.values().forEach(value -> collect(value, found));
  }

  private static void add(@Nullable Object name, Set<String> found) {
    if (name instanceof String model) {
      found.add(model);
    }
  }

  private static Collection<String> pipelines(ProjectMetadata project, Set<String> names) {
    IngestMetadata ingest = project.custom(IngestMetadata.TYPE);
    if (ingest == null) {
      return List.of();
    }
    Set<String> found = new TreeSet<>();
    for (PipelineConfiguration pipeline : ingest.getPipelines().values()) {
      if (isOurs(pipeline.getConfig(), names)) {
        found.add(pipeline.getId());
      }
    }
    return found;
  }

  /** Whether our processor stands anywhere in this, be it in another's or behind a failure. */
  private static boolean isOurs(Object config, Set<String> names) {
    if (config instanceof List<?> list) {
      return list.stream().anyMatch(value -> isOurs(value, names));
    }
    if (!(config instanceof Map<?, ?> map)) {
      return false;
    }
    return names(map.get(SemluxProcessor.TYPE), names)
        || map.values().stream().anyMatch(value -> isOurs(value, names));
  }

  /** Whether a processor's configuration, or an entry of its own in it, names one of these. */
  private static boolean names(@Nullable Object config, Set<String> names) {
    return config instanceof Map<?, ?> map
        && ((map.get("model_id") instanceof String model && names.contains(model))
            || (map.get("input_output") instanceof List<?> entries
                && entries.stream().anyMatch(entry -> names(entry, names))));
  }
}
