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
        () -> inTurn(document, handler));
  }

  private void inTurn(IngestDocument document, BiConsumer<IngestDocument, Exception> handler) {
    if (DryRun.isOf(document) || fields.stream().noneMatch(field -> isLong(document, field))) {
      encode(document, handler);
      return;
    }
    ActionListener<Releasable> task =
        new ActionListener<>() {
          @Override
          public void onResponse(Releasable turn) {
            try (turn) {
              encode(document, handler);
            }
          }

          @Override
          public void onFailure(Exception e) {
            handler.accept(null, EncoderFailures.withRetryAfter(e));
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

  private void encode(IngestDocument document, BiConsumer<IngestDocument, Exception> handler) {
    boolean dry = DryRun.isOf(document);
    HeldModels models = new HeldModels(reader.encoders());
    BiConsumer<IngestDocument, Exception> ended =
        (result, failure) -> {
          models.close();
          handler.accept(result, failure);
        };
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
        ended.accept(null, EncoderFailures.withStatus(field.options().modelId(), e));
        return;
      }
    }
    if (encodings.isEmpty()) {
      ended.accept(document, null);
      return;
    }
    List<EncodingRequest> requests = EncodingRequest.of(encodings);
    RunningRequests.submit(requests, models, threadContext, writing(document, requests, ended));
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

  private static ActionListener<Void> writing(
      IngestDocument document,
      List<EncodingRequest> requests,
      BiConsumer<IngestDocument, Exception> handler) {
    return new ActionListener<>() {
      @Override
      public void onResponse(Void unused) {
        try {
          requests.forEach(EncodingRequest::write);
        } catch (UnsupportedOperationException e) {
          handler.accept(
              null,
              new IllegalArgumentException(
                  "an [output_field] lies in an object that cannot be changed, as a script may make"
                      + " one: have the script put a copy of it there",
                  e));
          return;
        } catch (Throwable e) { // a bulk waits for every answer
          handler.accept(
              null, e instanceof Exception failure ? failure : new IllegalStateException(e));
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
