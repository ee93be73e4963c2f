package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.DocumentParserContext;
import org.elasticsearch.index.mapper.FieldMapper;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.MapperBuilderContext;
import org.elasticsearch.index.mapper.MapperMergeContext;
import org.elasticsearch.index.mapper.MapperService;
import org.elasticsearch.index.mapper.MappingLookup;
import org.elasticsearch.index.mapper.MappingParserContext;
import org.elasticsearch.index.mapper.ObjectMapper;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.plugin.model.ModelUses;

/**
 * {@code {"type":"semlux_text","model_id":…}}: see README. Of a document's own value it only takes
 * care that it is text, and notes it ({@link UnencodedTexts}); what was made of it comes by {@link
 * StoredChunksMapper} and goes into fields beneath this one, see {@link ChunkFields}.
 */
public final class SemluxTextFieldMapper extends FieldMapper {
  public static final String TYPE = ModelUses.FIELD_TYPE;
  static final String MODEL_ID = "model_id";
  static final String NEEDS_MODEL_ID = "needs a [model_id]";
  static final String SEARCH_MODEL_ID = "search_model_id";
  private static final String SIMILARITY = "similarity";
  private static final String INDEX_OPTIONS = "index_options";

  /** What gives the fields in its own ones texts that it has made. */
  private static final Set<String> MADE_UP = Set.of("geo_point", "completion");

  public static final Mapper.TypeParser PARSER = new FieldMapper.TypeParser(Builder::new);

  /**
   * Reads a field's parameters, and makes the fields beneath it with Elasticsearch's own parsers.
   */
  static final class Builder extends FieldMapper.Builder {
    private final MappingParserContext parsers;
    private final Parameter<String> modelId =
        Parameter.stringParam(MODEL_ID, true, m -> type(m).modelId(), null)
            .addValidator(
                id -> {
                  if (!saysSettingsOnly()) {
                    requireModelId(id);
                  }
                })
            .acceptsNull();
    private final Parameter<String> searchModelId =
        Parameter.stringParam(SEARCH_MODEL_ID, true, m -> type(m).searchModelIdOrNull(), null)
            .acceptsNull();
    private final Parameter<ModelSettings> settings =
        new Parameter<>(
                ModelSettings.NAME,
                true,
                () -> null,
                (name, context, node) -> ModelSettings.parse(node),
                m -> type(m).settings(),
                (builder, name, value) -> builder.field(name, value),
                Objects::toString)
            .acceptsNull()
            .setSerializerCheck((defaults, configured, value) -> value != null)
            .setMergeValidator(
                (before, now, conflicts) -> before == null || now == null || before.fits(now));
    private final Parameter<Object> chunking =
        object(EncodingOptions.CHUNKING, true, m -> type(m).parameters().chunking());
    private final Parameter<Object> pruning =
        object(EncodingOptions.PRUNING, true, m -> type(m).parameters().pruning());
    private final Parameter<String> similarity =
        Parameter.stringParam(SIMILARITY, false, m -> type(m).parameters().similarity(), null)
            .acceptsNull();
    private final Parameter<Object> indexOptions =
        object(INDEX_OPTIONS, false, m -> type(m).parameters().indexOptions());
    private final Parameter<Map<String, String>> meta = Parameter.metaParam();

    Builder(String name, MappingParserContext parsers) {
      super(name);
      this.parsers = parsers;
    }

    private static SemluxTextFieldType type(FieldMapper mapper) {
      return ((SemluxTextFieldMapper) mapper).fieldType();
    }

    private static Parameter<Object> object(
        String name, boolean updateable, Function<FieldMapper, Object> initializer) {
      return new Parameter<>(
              name,
              updateable,
              () -> null,
              (n, context, node) -> node,
              initializer,
              (builder, n, value) -> builder.field(n, value),
              Objects::toString)
          .acceptsNull()
          .setSerializerCheck((defaults, configured, value) -> value != null);
    }

    @Override
    protected Parameter<?>[] getParameters() {
      return new Parameter<?>[] {
        modelId, searchModelId, settings, chunking, pruning, similarity, indexOptions, meta
      };
    }

    @Override
    public String contentType() {
      return TYPE;
    }

    private void requireModelId(@Nullable String id) {
      if (id == null || id.isBlank()) {
        throw new IllegalArgumentException(
            "field [%s] of type [semlux_text] %s".formatted(leafName(), NEEDS_MODEL_ID));
      }
    }

    /** Whether it is what a node has found of a field's vectors, to be merged into a mapping. */
    private boolean saysSettingsOnly() {
      return modelId.get() == null && settings.get() != null;
    }

    /** All but the settings. */
    private void takeFrom(Builder mapped) {
      modelId.setValue(mapped.modelId.get());
      searchModelId.setValue(mapped.searchModelId.get());
      chunking.setValue(mapped.chunking.get());
      pruning.setValue(mapped.pruning.get());
      similarity.setValue(mapped.similarity.get());
      indexOptions.setValue(mapped.indexOptions.get());
      meta.setValue(mapped.meta.get());
      copyTo = mapped.copyTo;
      sourceKeepMode = mapped.sourceKeepMode;
    }

    /** What is known of the vectors stays when a mapping is put again that does not say it. */
    @Override
    protected void mergeFromBuilder(
        FieldMapper.Builder incoming, Conflicts conflicts, MapperMergeContext context) {
      if (incoming instanceof Builder found && found.saysSettingsOnly()) {
        found.takeFrom(this);
      }
      ModelSettings before = settings.get();
      super.mergeFromBuilder(incoming, conflicts, context);
      ModelSettings now = settings.get();
      if (before != null) {
        settings.setValue(now == null ? before : before.merge(now));
      }
    }

    @Override
    public SemluxTextFieldMapper build(MapperBuilderContext context) {
      requireModelId(modelId.get());
      String path = context.buildFullName(leafName());
      if (context.isInNestedContext()) {
        throw new IllegalArgumentException(
            "field [%s] of type [semlux_text] cannot be within a [nested] object: map that as [object]"
                .formatted(path));
      }
      EncodingOptions.parse(chunking.get(), pruning.get()); // says what is wrong
      Map<String, Object> vector = new HashMap<>();
      vector.put(SIMILARITY, similarity.get());
      vector.put(INDEX_OPTIONS, indexOptions.get());
      vector.values().removeIf(Objects::isNull);
      ChunkFields chunks =
          ChunkFields.build(
              parsers,
              context.createChildContext(leafName(), ObjectMapper.Dynamic.FALSE),
              settings.get(),
              vector);
      return new SemluxTextFieldMapper(
          leafName(),
          new SemluxTextFieldType(
              path,
              modelId.get(),
              searchModelId.get(),
              settings.get(),
              new Parameters(chunking.get(), pruning.get(), similarity.get(), indexOptions.get()),
              chunks,
              meta.get()),
          builderParams(this, context),
          parsers,
          context.getMergeReason() == MapperService.MergeReason.MAPPING_RECOVERY);
    }
  }

  /** Of a mapping, as it was given. */
  record Parameters(
      @Nullable Object chunking,
      @Nullable Object pruning,
      @Nullable String similarity,
      @Nullable Object indexOptions) {}

  private final MappingParserContext parsers;

  /** Out of an index that is there: nodes open it, whatever an older build has let it map. */
  private final boolean recovered;

  private SemluxTextFieldMapper(
      String name,
      SemluxTextFieldType type,
      BuilderParams params,
      MappingParserContext parsers,
      boolean recovered) {
    super(name, type, params);
    this.parsers = parsers;
    this.recovered = recovered;
  }

  @Override
  public SemluxTextFieldType fieldType() {
    return (SemluxTextFieldType) super.fieldType();
  }

  @Override
  protected String contentType() {
    return TYPE;
  }

  @Override
  public FieldMapper.Builder getMergeBuilder() {
    return new Builder(leafName(), parsers).init(this);
  }

  @Override
  public Iterator<Mapper> iterator() {
    List<Mapper> mappers = new ArrayList<>();
    super.iterator().forEachRemaining(mappers::add);
    mappers.addAll(fieldType().chunks().mappers());
    return mappers.iterator();
  }

  @Override
  protected void doValidate(MappingLookup lookup) {
    String parent = lookup.parentField(fullPath());
    if (!recovered && parent != null && MADE_UP.contains(lookup.getMapper(parent).typeName())) {
      throw new IllegalArgumentException(
          "field [%s] of type [semlux_text] cannot be in the [fields] of [%s]: one of type [%s] gives them other texts than a document holds"
              .formatted(fullPath(), parent, lookup.getMapper(parent).typeName()));
    }
  }

  @Override
  protected void parseCreateField(DocumentParserContext context) throws IOException {
    XContentParser parser = context.parser();
    if (parser.currentToken() == XContentParser.Token.START_OBJECT) {
      throw new IllegalArgumentException(
          "field [%s] of type [semlux_text] takes texts, numbers, booleans and arrays of them, not an object"
              .formatted(fullPath()));
    }
    String text = parser.currentToken().isValue() ? parser.textOrNull() : null;
    if (text != null && !text.isBlank()) {
      UnencodedTexts.found(context, fullPath());
    }
  }

  /** Adds what was made of the field's value to a document. */
  void index(DocumentParserContext context, EncodedText encoded) throws IOException {
    if (fieldType().chunks().vector() == null && !encoded.chunks().isEmpty()) {
      UnencodedTexts.refuse(context, fullPath());
      return;
    }
    UnencodedTexts.encoded(context, fieldType(), encoded);
    fieldType().chunks().index(context, encoded);
    if (encoded.isTruncated()) {
      context.addIgnoredField(fullPath());
    }
  }
}
