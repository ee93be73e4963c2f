package org.semlux.plugin.field;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.elasticsearch.index.mapper.DocumentParserContext;
import org.elasticsearch.index.mapper.FieldMapper;
import org.elasticsearch.index.mapper.IndexType;
import org.elasticsearch.index.mapper.MappedFieldType;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.MapperBuilderContext;
import org.elasticsearch.index.mapper.MappingLookup;
import org.elasticsearch.index.mapper.SourceLoader.SyntheticVectorsLoader;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.index.mapper.vectors.SyntheticVectorsPatchFieldLoader;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.xcontent.XContentParser;

/**
 * The field {@value #NAME} that an index with {@code semlux_text} fields gets by itself: it carries
 * what was made of them from who encodes into the index. To Elasticsearch it is a vector: stored
 * sources lack it, what users see lacks it, and who writes a document again gets it back.
 */
public final class StoredChunksMapper extends FieldMapper {
  public static final String NAME = "_semlux";
  public static final String TYPE = "semlux_chunks";

  public static final Mapper.TypeParser PARSER =
      new FieldMapper.TypeParser((name, context) -> new Builder(name));

  static final class Builder extends FieldMapper.Builder {
    Builder(String name) {
      super(name);
    }

    @Override
    protected Parameter<?>[] getParameters() {
      return new Parameter<?>[0];
    }

    @Override
    public String contentType() {
      return TYPE;
    }

    @Override
    public StoredChunksMapper build(MapperBuilderContext context) {
      String path = context.buildFullName(leafName());
      if (!path.equals(NAME)) {
        throw new IllegalArgumentException(
            "fields of type [%s] are Semlux's own: [%s] cannot be one".formatted(TYPE, path));
      }
      return new StoredChunksMapper(leafName(), builderParams(this, context));
    }
  }

  private static final class Type extends MappedFieldType {
    Type(String name) {
      super(name, IndexType.NONE, false, Map.of());
    }

    @Override
    public boolean isVectorEmbedding() {
      return true;
    }

    @Override
    public ValueFetcher valueFetcher(SearchExecutionContext context, String format) {
      return ValueFetcher.EMPTY;
    }

    @Override
    public String typeName() {
      return TYPE;
    }

    @Override
    public Query termQuery(Object value, SearchExecutionContext context) {
      throw new IllegalArgumentException("[" + NAME + "] cannot be searched");
    }

    @Override
    public Query existsQuery(SearchExecutionContext context) {
      return new MatchNoDocsQuery("[" + NAME + "] is no field of documents");
    }
  }

  /** All of the mapping that this one was last validated with; fields are never taken away. */
  private volatile List<SemluxTextFieldMapper> fields = List.of();

  private StoredChunksMapper(String name, BuilderParams params) {
    super(name, new Type(name), params);
  }

  @Override
  protected void doValidate(MappingLookup lookup) {
    fields =
        StreamSupport.stream(lookup.fieldMappers().spliterator(), false)
            .map(mapper -> mapper instanceof SemluxTextFieldMapper field ? field : null)
            .filter(Objects::nonNull)
            .toList();
  }

  @Override
  public boolean parsesArrayValue() {
    return true;
  }

  @Override
  protected void parseCreateField(DocumentParserContext context) throws IOException {
    if (context.parser().currentToken() != XContentParser.Token.START_ARRAY) {
      throw new IllegalArgumentException(
          "[%s] is Semlux's own: leave it out of what you send".formatted(NAME));
    }
    boolean within = context.path().isWithinLeafObject();
    List<Object> entries;
    try {
      context.path().setWithinLeafObject(true); // terms may have dots
      entries = context.parser().list();
    } finally {
      context.path().setWithinLeafObject(within);
    }
    for (Object entry : entries) {
      EncodedText encoded = EncodedText.parse(entry);
      if (context.mappingLookup().getMapper(encoded.field())
          instanceof SemluxTextFieldMapper field) {
        field.index(context, encoded);
      } else {
        UnencodedTexts.refuse(context, encoded.field());
      }
    }
  }

  @Override
  protected SyntheticSourceSupport syntheticSourceSupport() {
    return new SyntheticSourceSupport.Native(() -> new StoredChunksLoader(fields));
  }

  @Override
  public SyntheticVectorsLoader syntheticVectorsLoader() {
    return new SyntheticVectorsPatchFieldLoader<>(
        () -> new StoredChunksLoader(fields), StoredChunksLoader::entries);
  }

  @Override
  protected String contentType() {
    return TYPE;
  }

  @Override
  public FieldMapper.Builder getMergeBuilder() {
    return new Builder(leafName()).init(this);
  }
}
