package org.semlux.plugin.rescore;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.ScoreRequest;

/**
 * What a search asks of a cross-encoder: a query against the text of some fields.
 *
 * @param modelId a deployed cross-encoder
 * @param fields whose texts are joined, in this order
 * @param query 1 to {@value #MAX_QUERY} characters
 */
public record Reranking(String modelId, List<String> fields, String query) implements Writeable {
  /** Documents that one request may score: each takes the model some milliseconds. */
  public static final int MAX_WINDOW = 1_000;

  /** Characters of a query: several times what any cross-encoder reads of it. */
  public static final int MAX_QUERY = 10_000;

  static final int MAX_FIELDS = 16;

  private static final ParseField MODEL_ID = new ParseField("model_id");
  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField QUERY = new ParseField("query");

  /**
   * @throws IllegalArgumentException when there is nothing to compare, or more than a model reads
   */
  public Reranking {
    fields = List.copyOf(fields);
    if (fields.isEmpty()
        || fields.size() > MAX_FIELDS
        || fields.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "[field] must name 1 to "
              + MAX_FIELDS
              + " fields, not ["
              + Excerpt.of(String.join(", ", fields))
              + "]");
    }
    for (String field : fields) {
      if (field.contains("*")) {
        throw new IllegalArgumentException(
            "[field] [" + Excerpt.of(field) + "] is a pattern: name each field");
      }
    }
    checkQuery(query);
  }

  public Reranking(StreamInput in) throws IOException {
    this(in.readString(), in.readStringCollectionAsImmutableList(), in.readString());
  }

  /**
   * @throws IllegalArgumentException when a query is blank or too long
   */
  public static void checkQuery(String query) {
    if (query.isBlank()) {
      throw new IllegalArgumentException("[query] is blank: there is nothing to rank by");
    }
    Optional<String> excess = excess(query);
    if (excess.isPresent()) {
      throw new IllegalArgumentException(excess.get());
    }
  }

  /** What to say of a query that is too long; empty where it is not. */
  public static Optional<String> excess(String query) {
    return query.length() <= MAX_QUERY
        ? Optional.empty()
        : Optional.of(
            "[query] has "
                + query.length()
                + " characters, and a cross-encoder takes at most "
                + MAX_QUERY
                + ": shorten it");
  }

  /**
   * @param name of the parameter
   * @throws IllegalArgumentException when a window is empty or too large
   */
  public static int checkWindow(String name, int size) {
    if (size < 1 || size > MAX_WINDOW) {
      throw new IllegalArgumentException(
          "[" + name + "] must be 1 to " + MAX_WINDOW + " documents, not " + size);
    }
    return size;
  }

  /** Declares the first three arguments of a parser, which {@link #fromParsed} takes. */
  public static <C> void declare(ConstructingObjectParser<?, C> parser) {
    parser.declareString(constructorArg(), MODEL_ID);
    parser.declareStringArray(constructorArg(), FIELD);
    parser.declareString(constructorArg(), QUERY);
  }

  @SuppressWarnings("unchecked")
  public static Reranking fromParsed(Object[] values) {
    return new Reranking((String) values[0], (List<String>) values[1], (String) values[2]);
  }

  /** Pairs of the query and each text; what is too long for the model is read in windows. */
  public ScoreRequest request(List<String> texts) {
    return ScoreRequest.of(query, texts).withLongTexts(ScoreRequest.LongTexts.WINDOWS);
  }

  /** The fields' names, for messages and as the name of the text that they make. */
  public String field() {
    return String.join(",", fields);
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeString(modelId);
    out.writeStringCollection(fields);
    out.writeString(query);
  }

  /** Writes the fields of an open object. */
  public void toXContent(XContentBuilder builder) throws IOException {
    builder.field(MODEL_ID.getPreferredName(), modelId);
    if (fields.size() == 1) {
      builder.field(FIELD.getPreferredName(), fields.get(0));
    } else {
      builder.stringListField(FIELD.getPreferredName(), fields);
    }
    builder.field(QUERY.getPreferredName(), query);
  }
}
