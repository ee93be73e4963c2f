package org.semlux.plugin.rescore;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * What a search asks of a model that scores pairs: a query against the text of some fields.
 *
 * @param modelId a deployed cross-encoder or multi-vector model
 * @param fields whose texts are joined, in this order
 * @param vectorsField where documents may keep a multi-vector model's vectors of their tokens,
 *     which are compared then; the texts of those that do not are encoded
 * @param query 1 to {@value #MAX_QUERY} characters
 */
public record Reranking(
    String modelId, List<String> fields, String query, Optional<String> vectorsField)
    implements Writeable {
  /** Documents that one request may score: each takes the model some milliseconds. */
  public static final int MAX_WINDOW = 1_000;

  /** Characters of a query: several times what any cross-encoder reads of it. */
  public static final int MAX_QUERY = 10_000;

  static final int MAX_FIELDS = 16;

  /** Arguments of a parser that are a reranking's. */
  public static final int ARGUMENTS = 4;

  private static final ParseField MODEL_ID = new ParseField("model_id");
  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField QUERY = new ParseField("query");
  private static final ParseField VECTORS_FIELD = new ParseField("vectors_field");

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
    fields.forEach(field -> checkName(FIELD, field));
    vectorsField.ifPresent(field -> checkName(VECTORS_FIELD, field));
    checkQuery(query);
  }

  private static void checkName(ParseField parameter, String field) {
    if (field.contains("*") || field.isBlank()) {
      throw new IllegalArgumentException(
          "[%s] [%s] is a pattern: name each field"
              .formatted(parameter.getPreferredName(), Excerpt.of(field)));
    }
  }

  public Reranking(StreamInput in) throws IOException {
    this(
        in.readString(),
        in.readStringCollectionAsImmutableList(),
        in.readString(),
        Optional.ofNullable(in.readOptionalString()));
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
    return checkWindow(name, size, MAX_WINDOW);
  }

  /** The same for what bears another window. */
  public static int checkWindow(String name, int size, int max) {
    if (size < 1 || size > max) {
      throw new IllegalArgumentException(
          "[" + name + "] must be 1 to " + max + " documents, not " + size);
    }
    return size;
  }

  /**
   * Declares the first {@value #ARGUMENTS} arguments of a parser, which {@link #fromParsed} takes.
   */
  public static <C> void declare(ConstructingObjectParser<?, C> parser) {
    parser.declareString(constructorArg(), MODEL_ID);
    parser.declareStringArray(constructorArg(), FIELD);
    parser.declareString(constructorArg(), QUERY);
    parser.declareString(optionalConstructorArg(), VECTORS_FIELD);
  }

  @SuppressWarnings("unchecked")
  public static Reranking fromParsed(Object[] values) {
    return new Reranking(
        (String) values[0],
        (List<String>) values[1],
        (String) values[2],
        Optional.ofNullable((String) values[3]));
  }

  /** All fields that are read of a document. */
  public List<String> readFields() {
    return Stream.concat(fields.stream(), vectorsField.stream()).toList();
  }

  /** A document as a model reads it, see {@link RerankedDocument}. */
  public RerankedDocument document(EncoderSource encoders, Function<String, List<Object>> values) {
    return RerankedDocument.of(encoders, this, values);
  }

  /**
   * Has the model score documents, all in one request, and returns at once. What is too long for it
   * is read in windows.
   *
   * @param deadline after which nobody needs the answer
   * @param listener gets a score a document; see {@link EncoderCalls#call} for failures
   * @return gives the request up when it is run
   */
  public Runnable score(
      EncoderSource encoders,
      List<RerankedDocument> documents,
      Optional<Instant> deadline,
      ThreadContext context,
      ActionListener<List<PairScore>> listener) {
    ScoreRequest pairs =
        ScoreRequest.of(query, documents.stream().map(RerankedDocument::text).toList())
            .withLongTexts(ScoreRequest.LongTexts.WINDOWS);
    ScoreRequest request = deadline.map(pairs::withDeadline).orElse(pairs);
    return EncoderCalls.call(
        encoders, modelId, model -> submit(model, request, documents), context, listener);
  }

  private CompletableFuture<List<PairScore>> submit(
      DeployedModel model, ScoreRequest request, List<RerankedDocument> documents) {
    if (model.kind() == EncoderKind.CROSS && vectorsField.isPresent()) {
      throw new IllegalArgumentException(
          "model [%s] is of kind cross, which reads texts alone: leave [%s] out"
              .formatted(modelId, VECTORS_FIELD.getPreferredName()));
    }
    return model.score(request, documents.stream().map(RerankedDocument::vectors).toList());
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
    out.writeOptionalString(vectorsField.orElse(null));
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
    if (vectorsField.isPresent()) {
      builder.field(VECTORS_FIELD.getPreferredName(), vectorsField.get());
    }
  }
}
