package org.semlux.plugin.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexAbstraction;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.IndexTemplateMetadata;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.ingest.processor.FieldMappings;

/**
 * Mappings out of the cluster's state: those of an index that is there, or what templates would
 * give one of that name. An answer is kept as long as what it was read from stands.
 */
public final class IndexMappings implements FieldMappings {
  private static final int MAX_ANSWERS = 1_000;

  private record Field(String index, String path) {}

  /** What becomes of an object that is written to a field. */
  private enum Fate {
    MAPPED,
    /** Each of its names becomes a field. */
    EXPLODES,
    IGNORED,
    REFUSED
  }

  /**
   * @param basis the object of the state that it was read from
   */
  private record Answer(Object basis, Fate fate) {}

  private final Supplier<ClusterState> state;
  private final Map<Field, Answer> answers = new ConcurrentHashMap<>();

  public IndexMappings(Supplier<ClusterState> state) {
    this.state = state;
  }

  @Override
  public boolean explodes(String index, String path) {
    return fate(index, path) == Fate.EXPLODES;
  }

  @Override
  public Optional<String> unmapped(String index, String path) {
    return switch (fate(index, path)) {
      case IGNORED -> Optional.of("false");
      case REFUSED -> Optional.of("strict");
      case MAPPED, EXPLODES -> Optional.empty();
    };
  }

  private Fate fate(@Nullable String index, String path) {
    // The part of a document that a bulk's update holds knows no index, and a simulation's
    // has a name that none can have.
    if (index == null || index.startsWith("_")) {
      return Fate.MAPPED;
    }
    ProjectMetadata project = state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID);
    String name = IndexNameExpressionResolver.resolveDateMathExpression(index);
    IndexAbstraction there = project.getIndicesLookup().get(name);
    MappingMetadata mapping =
        there == null || there.getWriteIndex() == null
            ? null
            : project.getIndexSafe(there.getWriteIndex()).mapping();
    Object basis = mapping == null ? project : mapping;
    Field field = new Field(name, path);
    Answer known = answers.get(field);
    if (known == null || known.basis() != basis) {
      List<Map<String, Object>> mappings =
          mapping != null
              ? List.of(mapping.sourceAsMap())
              : there != null ? List.of() : ofTemplates(project, name);
      // Of several templates the first that says anything else than to explode.
      Fate fate =
          mappings.stream()
              .map(one -> fate(one, path))
              .filter(one -> one != Fate.EXPLODES)
              .min(Comparator.naturalOrder())
              .orElse(Fate.EXPLODES);
      known = new Answer(basis, fate);
      if (answers.size() >= MAX_ANSWERS) {
        answers.clear();
      }
      answers.put(field, known);
    }
    return known.fate();
  }

  private static List<Map<String, Object>> ofTemplates(ProjectMetadata project, String index) {
    List<CompressedXContent> sources = new ArrayList<>();
    String template = MetadataIndexTemplateService.findV2Template(project, index, false);
    if (template != null) {
      sources.addAll(
          MetadataIndexTemplateService.collectMappings(
              project.templatesV2().get(template), project.componentTemplates(), index));
    } else {
      for (IndexTemplateMetadata old :
          MetadataIndexTemplateService.findV1Templates(project, index, false)) {
        if (old.mappings() != null) {
          sources.add(old.mappings());
        }
      }
    }
    List<Map<String, Object>> mappings = new ArrayList<>();
    for (CompressedXContent source : sources) {
      Map<String, Object> mapping =
          XContentHelper.convertToMap(source.uncompressed(), false, XContentType.JSON).v2();
      mappings.add(mapping.containsKey("_doc") ? MappedField.object(mapping, "_doc") : mapping);
    }
    return mappings;
  }

  private static Fate fate(Map<String, Object> mapping, String path) {
    if (hasDynamicTemplate(mapping)) {
      return Fate.MAPPED;
    }
    Map<String, Object> object = mapping;
    String rest = path;
    String dynamic = dynamic(mapping, "true");
    while (!rest.isEmpty()) {
      Map<String, Object> fields = MappedField.object(object, "properties");
      String name = rest;
      while (!fields.containsKey(name) && name.lastIndexOf('.') > 0) {
        name = name.substring(0, name.lastIndexOf('.'));
      }
      if (!fields.containsKey(name)) {
        return switch (dynamic) {
          case "strict" -> Fate.REFUSED;
          case "false" -> Fate.IGNORED;
          default -> Fate.EXPLODES;
        };
      }
      object = MappedField.object(fields, name);
      if (!MappedField.isObject(object) || "false".equals(String.valueOf(object.get("enabled")))) {
        return Fate.MAPPED;
      }
      dynamic = dynamic(object, dynamic);
      rest = rest.substring(Math.min(rest.length(), name.length() + 1));
    }
    return Set.of("strict", "false").contains(dynamic) ? Fate.MAPPED : Fate.EXPLODES;
  }

  private static String dynamic(Map<String, Object> object, String inherited) {
    Object dynamic = object.get("dynamic");
    return dynamic == null ? inherited : String.valueOf(dynamic);
  }

  /** One that makes such fields by name or path: whether it fits is Elasticsearch's to find out. */
  private static boolean hasDynamicTemplate(Map<String, Object> mapping) {
    return mapping.get("dynamic_templates") instanceof List<?> templates
        && templates.toString().contains("type=sparse_vector");
  }
}
