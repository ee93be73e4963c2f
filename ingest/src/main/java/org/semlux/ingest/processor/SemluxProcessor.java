package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.IngestDocument;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.encoders.InputType;
import org.semlux.encoders.Priority;
import org.semlux.ingest.EncoderCalls;
import org.semlux.ingest.EncoderSource;

/**
 * Encodes text fields of a document and puts their vectors into it. A bulk request hands over all
 * its documents before any is answered, so documents share batches by themselves; the write thread
 * never waits. All texts of one document are one request: they are encoded together or refused
 * together, and the document is untouched until all are there.
 */
public final class SemluxProcessor extends AbstractProcessor {
  public static final String TYPE = "semlux";

  private final EncoderSource encoders;
  private final ThreadContext threadContext;
  private final String modelId;
  private final List<InputOutput> fields;
  private final InputType inputType;
  private final boolean ignoreMissing;

  SemluxProcessor(
      String tag,
      String description,
      EncoderSource encoders,
      ThreadContext threadContext,
      String modelId,
      List<InputOutput> fields,
      InputType inputType,
      boolean ignoreMissing) {
    super(tag, description);
    this.encoders = encoders;
    this.threadContext = threadContext;
    this.modelId = modelId;
    this.fields = List.copyOf(fields);
    this.inputType = inputType;
    this.ignoreMissing = ignoreMissing;
  }

  @Override
  public boolean isAsync() {
    return true;
  }

  @Override
  public String getType() {
    return TYPE;
  }

  @Override
  public void execute(IngestDocument document, BiConsumer<IngestDocument, Exception> handler) {
    List<String> texts = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    try {
      for (InputOutput field : fields) {
        text(document, field.inputField())
            .ifPresent(
                text -> {
                  texts.add(text);
                  outputs.add(field.outputField());
                });
      }
    } catch (IllegalArgumentException e) {
      handler.accept(null, e);
      return;
    }
    if (texts.isEmpty()) {
      handler.accept(document, null);
      return;
    }
    EncodeRequest request =
        EncodeRequest.of(texts).withInputType(inputType).withPriority(Priority.INGEST);
    EncoderCalls.dense(
        encoders, modelId, request, threadContext, writing(document, outputs, handler));
  }

  /** The text of a field; nothing where there is none and that may be. */
  private Optional<String> text(IngestDocument document, String field) {
    Object value = document.getFieldValue(field, Object.class, true);
    if (value != null && !(value instanceof String)) {
      throw new IllegalArgumentException(
          String.format(
              "field [%s] must hold a string, but holds [%s] of type [%s]",
              field, value, value.getClass().getSimpleName()));
    }
    String text = (String) value;
    if (text != null && !text.isBlank()) {
      return Optional.of(text);
    }
    if (ignoreMissing) {
      return Optional.empty();
    }
    throw new IllegalArgumentException(
        String.format(
            "field [%s] is %s: set [%s] to true to index such documents without a vector",
            field, text == null ? "missing" : "blank", SemluxProcessorFactory.IGNORE_MISSING));
  }

  private static ActionListener<List<DenseVector>> writing(
      IngestDocument document,
      List<String> outputs,
      BiConsumer<IngestDocument, Exception> handler) {
    return new ActionListener<>() {
      @Override
      public void onResponse(List<DenseVector> vectors) {
        try {
          for (int i = 0; i < vectors.size(); i++) {
            document.setFieldValue(outputs.get(i), boxed(vectors.get(i).values()));
          }
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

  /**
   * An ingest document refuses to copy a float[], and a double[] would double the source's length.
   */
  private static List<Float> boxed(float[] values) {
    List<Float> list = new ArrayList<>(values.length);
    for (float value : values) {
      list.add(value);
    }
    return list;
  }
}
