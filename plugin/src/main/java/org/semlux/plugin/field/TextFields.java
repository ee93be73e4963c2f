package org.semlux.plugin.field;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.common.xcontent.support.XContentMapValues;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.IndexModule;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.plugins.SearchPlugin.QuerySpec;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder;
import org.elasticsearch.search.fetch.subphase.highlight.Highlighter;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.query.QueryEncodings;

/** What a node needs for {@code semlux_text} fields. */
public final class TextFields {
  /** The field of a source, with its vectors, that holds what texts were made into. */
  public static final String STORED_CHUNKS = StoredChunksMapper.NAME;

  /**
   * Set for an index that takes another's documents as they are, though its shards are primaries.
   */
  private static final String FOLLOWED = "index.xpack.ccr.following_index";

  private final EncoderSource encoders;
  private final QueryEncodings encodings;
  private final IndexFields indices;

  /**
   * @param encoders this node's
   * @param state the cluster's, asked once the node has started
   */
  public TextFields(
      EncoderSource encoders, QueryEncodings encodings, Supplier<ClusterState> state) {
    this.encoders = encoders;
    this.encodings = encodings;
    this.indices = new IndexFields(state);
  }

  public static Map<String, Mapper.TypeParser> mappers() {
    return Map.of(
        SemluxTextFieldMapper.TYPE,
        SemluxTextFieldMapper.PARSER,
        StoredChunksMapper.TYPE,
        StoredChunksMapper.PARSER);
  }

  public static Map<String, Highlighter> highlighters() {
    return Map.of(SemluxHighlighter.NAME, new SemluxHighlighter());
  }

  public QuerySpec<?> query() {
    return SemluxQueryBuilder.spec(new FieldQueries(encoders, encodings, indices));
  }

  /**
   * Asks for the best chunks of a field for a text, best first; those whose text is lost are empty.
   */
  public HighlightBuilder best(String field, String text, int count) {
    var query =
        new SemluxQueryBuilder(
            new FieldQueries(encoders, encodings, indices), field, text, Neighbours.DEFAULT, null);
    HighlightBuilder.Field chunks =
        new HighlightBuilder.Field(field)
            .highlighterType(SemluxHighlighter.NAME)
            .highlightQuery(query)
            .numOfFragments(count)
            .order("score")
            .options(Map.of(SemluxHighlighter.TELLS_LOST, true));
    return new HighlightBuilder().field(chunks);
  }

  /**
   * The vectors that a source holds for a field: those of a {@code semlux_text} field's chunks,
   * none where its text has none; else what stands there.
   *
   * @param index the document's; of another cluster, with its name before
   * @param source with its vectors
   * @param field its path, or an alias's of a {@code semlux_text} field
   * @throws IllegalArgumentException for an alias of another field: the source was not asked for it
   */
  public List<Object> vectors(String index, Map<String, Object> source, String field) {
    String path = indices.path(index, field);
    boolean ours = indices.of(index).containsKey(path);
    if (!ours && !path.equals(field)) {
      throw new IllegalArgumentException(
          "it is an alias, so name the field itself, [%s]".formatted(path));
    }
    if (source.get(StoredChunksMapper.NAME) instanceof List<?> entries) {
      for (Object entry : entries) {
        EncodedText encoded = EncodedText.parse(entry);
        if (encoded.field().equals(path)) {
          return encoded.chunks().stream().map(EncodedText.Chunk::vector).toList();
        }
      }
    }
    Object value = ours ? null : XContentMapValues.extractValue(field, source);
    return value == null ? List.of() : List.of(value);
  }

  /**
   * @param clusterService tells when fields that a shard has made are known here
   * @param breaker counts what documents have been made into
   */
  public List<MappedActionFilter> writes(
      Client client, ClusterService clusterService, CircuitBreaker breaker) {
    return List.of(
        new FieldWrites(
            encoders, client, indices, new SecondWrites(client, clusterService, indices), breaker),
        new BulkUpdates(client.threadPool().getThreadContext()));
  }

  /** Has the primaries of an index refuse texts that nobody has encoded. */
  public static void check(IndexModule index) {
    if (!index.getSettings().getAsBoolean(FOLLOWED, false)) {
      index.addIndexOperationListener(new UnencodedTexts.Check());
    }
  }

  /**
   * Whether a document holds anything else in fields of an index than what their models make of its
   * texts now.
   *
   * @param source with its vectors
   */
  @SuppressWarnings("deprecation") // a hit does not say what its source is written in
  public boolean isOutdated(String index, BytesReference source) throws IOException {
    return new TextEncoding(encoders, null)
        .isOutdated(source, XContentHelper.xContentType(source), indices.of(index).values());
  }

  /**
   * @throws IllegalArgumentException naming an index that has no field of ours
   */
  public void requireAny(List<Index> all) {
    for (Index index : all) {
      if (indices.of(index).isEmpty()) {
        throw new IllegalArgumentException(
            "index [%s] has no field of type [semlux_text]: name the [pipeline] that encodes its documents"
                .formatted(index.getName()));
      }
    }
  }

  /** The models that fields of indices no longer have, though documents may be by them. */
  public Former former(Client client, List<Index> all) {
    return new Former(encoders, indices, client, all);
  }
}
