package org.semlux.plugin.field;

import java.util.Map;
import java.util.function.Supplier;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.plugins.SearchPlugin.QuerySpec;
import org.elasticsearch.search.fetch.subphase.highlight.Highlighter;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.query.QueryEncodings;

/** What a node needs for {@code semlux_text} fields. */
public final class TextFields {
  private final QueryEncodings encodings;
  private final IndexFields indices;

  /**
   * @param state the cluster's, asked once the node has started
   */
  public TextFields(QueryEncodings encodings, Supplier<ClusterState> state) {
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
    return SemluxQueryBuilder.spec(new FieldQueries(encodings, indices));
  }

  public FieldWrites writes(EncoderSource encoders, Client client) {
    return new FieldWrites(encoders, client, indices);
  }
}
