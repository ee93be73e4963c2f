package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.common.util.concurrent.AbstractThrottledTaskRunner;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.IngestDocument;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderFailures;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.ingest.deployed.HeldModels;

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

  /** In characters: a longer text that is to be cut is tokenized elsewhere than it was written. */
  private static final int LONG_TEXT = 2_000;

  private final ThreadContext threadContext;
  private final List<InputOutput> fields;
  private final FieldReader reader;
  private final FieldMappings mappings;
  private final AbstractThrottledTaskRunner<ActionListener<Releasable>> longTexts;

  SemluxProcessor(
      String tag,
      String description,
      ThreadContext threadContext,
      List<InputOutput> fields,
      FieldReader reader,
      FieldMappings mappings,
      AbstractThrottledTaskRunner<ActionListener<Releasable>> longTexts) {
    super(tag, description);
    this.threadContext = threadContext;
    this.fields = List.copyOf(fields);
    this.reader = reader;
    this.mappings = mappings;
    this.longTexts = longTexts;
  }

  @Override
  public boolean isAsync() {
    return true;
  }

  @Override
  public String getType() {
    return TYPE;
  }

  List<InputOutput> fields() {
    return fields;
  }

  /** Paths in a document that texts are read from. */
  public List<String> inputs() {
    return inSource(fields.stream().map(InputOutput::inputField));
  }

  /** Paths in a document that encodings are written to. */
  public List<String> outputs() {
    return inSource(fields.stream().map(InputOutput::outputField));
  }

  /** Those outputs that are passages, each with an encoding in it. */
  public List<String> passages() {
    return inSource(
        fields.stream()
            .filter(field -> field.options().chunking().isPresent())
            .map(InputOutput::outputField));
  }

  /** Paths of the marks beside the outputs, if any are kept. */
  public List<String> marks() {
    return reader.skipUnchanged()
        ? outputs().stream().map(output -> output + EncodedMark.SUFFIX).toList()
        : List.of();
  }

  private static List<String> inSource(Stream<String> paths) {
    return paths.filter(path -> !path.startsWith("_ingest.")).map(TextPlace::bare).toList();
  }

  @Override
  public void execute(IngestDocument document, BiConsumer<IngestDocument, Exception> handler) {
    EncoderCalls.whenReady(
        reader.encoders(),
        fields.stream().map(field -> field.options().modelId()).toList(),
        threadContext,
        AnsweredOnce.of(listener(handler))
            .delegateFailureAndWrap((answer, ready) -> inTurn(document, answer)));
  }

  private static ActionListener<IngestDocument> listener(
      BiConsumer<IngestDocument, Exception> handler) {
    return new ActionListener<>() {
      @Override
      public void onResponse(IngestDocument document) {
        handler.accept(document, null);
      }

      @Override
      public void onFailure(Exception e) {
        handler.accept(null, e);
      }
    };
  }

  private void inTurn(IngestDocument document, ActionListener<IngestDocument> answer) {
    if (DryRun.isOf(document) || fields.stream().noneMatch(field -> isLong(document, field))) {
      encode(document, answer);
      return;
    }
    ActionListener<Releasable> task =
        new ActionListener<>() {
          @Override
          public void onResponse(Releasable turn) {
            try (turn) {
              encode(document, answer);
            }
          }

          @Override
          public void onFailure(Exception e) {
            answer.onFailure(EncoderFailures.withRetryAfter(e));
          }
        };
    // Another's thread starts it, under that one's rights.
    longTexts.enqueueTask(
        ContextPreservingActionListener.wrapPreservingContext(task, threadContext));
  }

  private static boolean isLong(IngestDocument document, InputOutput field) {
    try {
      return field.options().chunking().isPresent()
          && TextPlace.of(document, field).stream().mapToLong(place -> length(place.value())).sum()
              > LONG_TEXT;
    } catch (IllegalArgumentException e) {
      return false; // said where it is read
    }
  }

  private static long length(Object value) {
    if (value instanceof List<?> values) {
      return values.stream().mapToLong(SemluxProcessor::length).sum();
    }
    return value instanceof String text ? text.length() : 0;
  }

  private void encode(IngestDocument document, ActionListener<IngestDocument> answer) {
    HeldModels models = new HeldModels(reader.encoders());
    AnsweredOnce.run(
        ActionListener.releaseBefore(models, answer), ended -> encode(document, models, ended));
  }

  private void encode(
      IngestDocument document, HeldModels models, ActionListener<IngestDocument> ended) {
    boolean dry = DryRun.isOf(document);
    FieldReader once = reader.of(models);
    List<FieldEncoding> encodings = new ArrayList<>();
    for (InputOutput field : fields) {
      try {
        if (dry) {
          once.look(document, field);
        } else {
          List<FieldEncoding> found = once.read(document, field);
          if (!found.isEmpty()) {
            checkMapped(models, document, field);
          }
          encodings.addAll(found);
        }
      } catch (RuntimeException e) {
        ended.onFailure(EncoderFailures.withStatus(field.options().modelId(), e));
        return;
      }
    }
    if (encodings.isEmpty()) {
      ended.onResponse(document);
      return;
    }
    List<EncodingRequest> requests = EncodingRequest.of(encodings);
    ActionListener<Void> answered =
        ended.map(
            all -> {
              write(requests);
              return document;
            });
    RunningRequests.submit(requests, models, threadContext, AnsweredOnce.of(answered));
  }

  /**
   * Some hundred texts would map a field for each word that they are about, and vectors of tokens
   * would be indexed as words; and what an index takes no notice of is not found by anybody.
   */
  private void checkMapped(EncoderSource encoders, IngestDocument document, InputOutput field) {
    FieldOptions options = field.options();
    EncoderKind kind = encoders.model(options.modelId()).kind();
    if (field.outputField().startsWith("_ingest.")) {
      return;
    }
    String type;
    String part;
    switch (kind) {
      case SPARSE -> {
        type = "sparse_vector";
        part = FieldEncoding.WEIGHTS;
      }
      case MULTI_VECTOR -> {
        type = "binary";
        part = FieldEncoding.TOKEN_VECTORS;
      }
      default -> {
        type = "dense_vector";
        part = FieldEncoding.VECTOR;
      }
    }
    String index = document.getMetadata().getIndex();
    String output = TextPlace.bare(field.outputField());
    String name = output + (options.chunking().isPresent() ? "." + part : "");
    if (!part.equals(FieldEncoding.VECTOR) && mappings.explodes(index, name)) {
      throw new IllegalArgumentException(
          "field [%s] of index [%s] must be mapped as [%s] before %s are written to it: else %s"
              .formatted(
                  name,
                  index,
                  type,
                  kind == EncoderKind.SPARSE ? "terms" : "vectors of tokens",
                  kind == EncoderKind.SPARSE
                      ? "each term becomes a field of its own"
                      : "they are indexed as a text"));
    }
    checkNoticed(index, name, "[" + type + "]", "");
    String mark = output + EncodedMark.SUFFIX;
    if (reader.skipUnchanged() && mappings.unmapped(index, mark).equals(Optional.of("strict"))) {
      checkNoticed(
          index,
          mark,
          "{\"type\":\"object\",\"enabled\":false}",
          ", or set [skip_unchanged] to false");
    }
  }

  private void checkNoticed(String index, String name, String type, String instead) {
    Optional<String> dynamic = mappings.unmapped(index, name);
    if (dynamic.isPresent()) {
      throw new IllegalArgumentException(
          "index [%s] is [dynamic: %s] and does not map field [%s]: map it as %s%s"
              .formatted(index, dynamic.get(), name, type, instead));
    }
  }

  private static void write(List<EncodingRequest> requests) {
    try {
      requests.forEach(EncodingRequest::write);
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "an [output_field] lies in an object that cannot be changed, as a script may make"
              + " one: have the script put a copy of it there",
          e);
    }
  }
}
