package org.semlux.plugin.query;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.plugins.SearchPlugin.QueryVectorBuilderSpec;
import org.elasticsearch.search.vectors.QueryVectorBuilder;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;

/**
 * {@code "query_vector_builder":{"semlux":{"model_id":…,"model_text":…}}} in a knn search, query or
 * retriever: encodes the text on the node that rewrites the search, before any waiting document,
 * and needs no privilege of its own, as an analyzer needs none.
 */
public final class SemluxQueryVectorBuilder implements QueryVectorBuilder {
  public static final String NAME = "semlux";

  private static final ParseField MODEL_ID = new ParseField("model_id");
  private static final ParseField MODEL_TEXT = new ParseField("model_text");
  private static final ConstructingObjectParser<SemluxQueryVectorBuilder, QueryEncodings> PARSER =
      new ConstructingObjectParser<>(
          NAME,
          false,
          (values, encodings) ->
              new SemluxQueryVectorBuilder(encodings, (String) values[0], (String) values[1]));

  static {
    PARSER.declareString(ConstructingObjectParser.constructorArg(), MODEL_ID);
    PARSER.declareString(ConstructingObjectParser.constructorArg(), MODEL_TEXT);
  }

  private final QueryEncodings encodings;
  private final String modelId;
  private final String modelText;

  /**
   * @param encodings this node's; not part of the builder's identity, and not sent to other nodes
   * @throws IllegalArgumentException when there is no text to encode, or far too much
   */
  SemluxQueryVectorBuilder(QueryEncodings encodings, String modelId, String modelText) {
    QueryEncodings.checkText(MODEL_TEXT.getPreferredName(), modelText);
    this.encodings = encodings;
    this.modelId = modelId;
    this.modelText = modelText;
  }

  private SemluxQueryVectorBuilder(QueryEncodings encodings, StreamInput in) throws IOException {
    this(encodings, in.readString(), in.readString());
  }

  /** How a node reads this builder from a request and from other nodes, with its own encoders. */
  public static QueryVectorBuilderSpec<SemluxQueryVectorBuilder> spec(QueryEncodings encodings) {
    return new QueryVectorBuilderSpec<>(
        NAME,
        in -> new SemluxQueryVectorBuilder(encodings, in),
        (parser, unused) -> parse(parser, encodings));
  }

  private static SemluxQueryVectorBuilder parse(XContentParser parser, QueryEncodings encodings) {
    try {
      return ParseReason.first(parser, () -> PARSER.parse(parser, encodings));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String modelId() {
    return modelId;
  }

  String modelText() {
    return modelText;
  }

  @Override
  public void buildVector(Client client, ActionListener<float[]> listener) {
    encodings.dense(client.threadPool(), modelId, modelText, listener);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public TransportVersion getMinimalSupportedVersion() {
    return TransportVersion.minimumCompatible();
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeString(modelId);
    out.writeString(modelText);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder
        .startObject()
        .field(MODEL_ID.getPreferredName(), modelId)
        .field(MODEL_TEXT.getPreferredName(), modelText)
        .endObject();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SemluxQueryVectorBuilder builder
        && modelId.equals(builder.modelId)
        && modelText.equals(builder.modelText);
  }

  @Override
  public int hashCode() {
    return Objects.hash(modelId, modelText);
  }
}
