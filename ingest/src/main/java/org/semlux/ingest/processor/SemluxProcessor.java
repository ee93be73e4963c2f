package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.IngestDocument;
import org.semlux.ingest.EncoderFailures;

/**
 * Encodes text fields of a document and puts vectors or term weights into it. A bulk request hands
 * over all its documents before any is answered, so documents share batches by themselves; the
 * write thread never waits. All texts of one document for one model are one request, all requests
 * are made at once, and if one fails the others are given up: the document is untouched until all
 * are there.
 *
 * <p>A text is not encoded again while the mark beside its encoding ({@link EncodedMark}) fits. The
 * source that {@code _update}, {@code _update_by_query} and {@code _reindex} hand to a pipeline has
 * both. An {@code update} in a {@code _bulk} request does not come through pipelines at all, unless
 * it says {@code doc_as_upsert}; then it brings the partial document alone.
 */
public final class SemluxProcessor extends AbstractProcessor {
  public static final String TYPE = "semlux";

  private final ThreadContext threadContext;
  private final List<InputOutput> fields;
  private final FieldReader reader;

  SemluxProcessor(
      String tag,
      String description,
      ThreadContext threadContext,
      List<InputOutput> fields,
      FieldReader reader) {
    super(tag, description);
    this.threadContext = threadContext;
    this.fields = List.copyOf(fields);
    this.reader = reader;
  }

  @Override
  public boolean isAsync() {
    return true;
  }

  @Override
  public String getType() {
    return TYPE;
  }

  /**
   * Finds documents whose encodings were not made by these models with these options: by their
   * marks, or all documents where none are kept or where they cannot be found.
   *
   * @throws org.elasticsearch.ElasticsearchException where there is no such model
   */
  public QueryBuilder outdated() {
    if (!reader.skipUnchanged()
        || fields.stream().anyMatch(field -> field.outputField().startsWith("_ingest."))) {
      return QueryBuilders.matchAllQuery();
    }
    BoolQueryBuilder any = QueryBuilders.boolQuery();
    for (InputOutput field : fields) {
      String version =
          field.options().version(reader.encoders().version(field.options().modelId()));
      String mark = TextPlace.bare(field.outputField()) + EncodedMark.SUFFIX + ".version";
      any.should(QueryBuilders.boolQuery().mustNot(QueryBuilders.termQuery(mark, version)));
    }
    return any;
  }

  @Override
  public void execute(IngestDocument document, BiConsumer<IngestDocument, Exception> handler) {
    List<FieldEncoding> encodings = new ArrayList<>();
    for (InputOutput field : fields) {
      try {
        encodings.addAll(reader.read(document, field));
      } catch (RuntimeException e) {
        handler.accept(null, EncoderFailures.withStatus(field.options().modelId(), e));
        return;
      }
    }
    if (encodings.isEmpty()) {
      handler.accept(document, null);
      return;
    }
    List<EncodingRequest> requests = EncodingRequest.of(encodings);
    RunningRequests.submit(
        requests, reader.encoders(), threadContext, writing(document, requests, handler));
  }

  private static ActionListener<Void> writing(
      IngestDocument document,
      List<EncodingRequest> requests,
      BiConsumer<IngestDocument, Exception> handler) {
    return new ActionListener<>() {
      @Override
      public void onResponse(Void unused) {
        try {
          requests.forEach(EncodingRequest::write);
        } catch (IllegalArgumentException e) {
          handler.accept(null, e);
          return;
        }
        handler.accept(document, null);
      }

      @Override
      public void onFailure(Exception e) {
        handler.accept(null, e);
      }
    };
  }
}
