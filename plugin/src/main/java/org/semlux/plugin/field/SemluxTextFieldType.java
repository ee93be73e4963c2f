package org.semlux.plugin.field;

import java.util.List;
import java.util.Map;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.elasticsearch.common.lucene.Lucene;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.BlockLoader;
import org.elasticsearch.index.mapper.BlockSourceReader;
import org.elasticsearch.index.mapper.IndexType;
import org.elasticsearch.index.mapper.SimpleMappedFieldType;
import org.elasticsearch.index.mapper.SourceValueFetcher;
import org.elasticsearch.index.mapper.TextSearchInfo;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.index.similarity.SimilarityProvider;

/** What searches see of a {@code semlux_text} field. */
final class SemluxTextFieldType extends SimpleMappedFieldType {
  /**
   * As that of numbers: a text is one term, which {@link #termQuery} refuses with a reason, or
   * passes over where the search is lenient. With {@link TextSearchInfo#NONE} those who do not look
   * for it first end in an error without a reason: fields that are crossed, suggesters. {@code
   * combined_fields} asks no field for its terms and would find nothing, but refuses those with a
   * similarity of their own.
   */
  private static final TextSearchInfo WORDLESS =
      new TextSearchInfo(
          TextSearchInfo.SIMPLE_MATCH_WITHOUT_TERMS.luceneFieldType(),
          new SimilarityProvider("BM25", new BM25Similarity()),
          Lucene.KEYWORD_ANALYZER,
          Lucene.KEYWORD_ANALYZER);

  private final String modelId;
  @Nullable private final String searchModelId;
  @Nullable private final ModelSettings settings;
  private final SemluxTextFieldMapper.Parameters parameters;
  private final ChunkFields chunks;

  SemluxTextFieldType(
      String name,
      String modelId,
      @Nullable String searchModelId,
      @Nullable ModelSettings settings,
      SemluxTextFieldMapper.Parameters parameters,
      ChunkFields chunks,
      Map<String, String> meta) {
    super(name, IndexType.NONE, false, meta);
    this.modelId = modelId;
    this.searchModelId = searchModelId;
    this.settings = settings;
    this.parameters = parameters;
    this.chunks = chunks;
  }

  String modelId() {
    return modelId;
  }

  @Nullable String searchModelIdOrNull() {
    return searchModelId;
  }

  /** The model that encodes queries. */
  String searchModelId() {
    return searchModelId == null ? modelId : searchModelId;
  }

  /** Null as long as nothing was encoded. */
  @Nullable ModelSettings settings() {
    return settings;
  }

  SemluxTextFieldMapper.Parameters parameters() {
    return parameters;
  }

  ChunkFields chunks() {
    return chunks;
  }

  @Override
  public String typeName() {
    return SemluxTextFieldMapper.TYPE;
  }

  @Override
  public String familyTypeName() {
    return "text";
  }

  @Override
  public TextSearchInfo getTextSearchInfo() {
    return WORDLESS;
  }

  /** Where a pattern such as {@code *} is searched for words, this is none of its fields. */
  @Override
  public boolean mayExistInIndex(SearchExecutionContext context) {
    return false;
  }

  @Override
  public String getDefaultHighlighter() {
    return SemluxHighlighter.NAME;
  }

  @Override
  public boolean fieldHasValue(FieldInfos infos) {
    return infos.fieldInfo(chunks.hash().fullPath()) != null;
  }

  @Override
  public Query existsQuery(SearchExecutionContext context) {
    return chunks.hash().fieldType().existsQuery(context);
  }

  @Override
  public Query termQuery(Object value, SearchExecutionContext context) {
    throw new IllegalArgumentException(
        "field [%s] of type [semlux_text] is searched by a [semlux] query: for single words, map it as [text] too"
            .formatted(name()));
  }

  @Override
  public ValueFetcher valueFetcher(SearchExecutionContext context, String format) {
    if (format == null) {
      return SourceValueFetcher.toString(name(), context, null);
    }
    if (!format.equals(ChunkFetcher.FORMAT)) {
      throw new IllegalArgumentException(
          "field [%s] of type [semlux_text] has no format [%s], only [chunks]"
              .formatted(name(), format));
    }
    return new ChunkFetcher(chunks, sources(context));
  }

  /** Paths of the values that it takes out of a source, in the order of their texts. */
  List<String> sources(SearchExecutionContext context) {
    return context.sourcePath(name()).stream().sorted().toList();
  }

  @Override
  public BlockLoader blockLoader(BlockLoaderContext context) {
    return new BlockSourceReader.BytesRefsBlockLoader(
        SourceValueFetcher.toString(context.sourcePaths(name()), context.indexSettings()),
        BlockSourceReader.lookupMatchingAll());
  }
}
