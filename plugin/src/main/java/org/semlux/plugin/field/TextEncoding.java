package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.xcontent.XContentParseException;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.ingest.deployed.HeldModels;

/**
 * Encodes the texts of documents and puts what came of them into their sources. What a source holds
 * already, because the document was written before, stays where text, model and options are still
 * the same.
 */
record TextEncoding(EncoderSource encoders, ThreadContext threadContext) {
  private static final Logger LOGGER = LogManager.getLogger(TextEncoding.class);

  /**
   * Encodes a document, by the models that its fields name now: an alias may move meanwhile. Waits
   * for no model; its texts are tokenized here where they may be too long for one chunk.
   *
   * @param listener gets what the vectors are, by fields' paths, when the source has them; or why
   *     the document cannot be written, with a status
   */
  void encode(
      IndexRequest document,
      Collection<EncodedField> fields,
      ActionListener<Map<String, ModelSettings>> listener) {
    EncoderCalls.whenReady(
        encoders,
        fields.stream().map(EncodedField::modelId).toList(),
        threadContext,
        listener.delegateFailureAndWrap(
            (l, ready) -> {
              HeldModels models = new HeldModels(encoders);
              TextEncoding once = new TextEncoding(models, threadContext);
              AnsweredOnce.run(
                  ActionListener.releaseBefore(models, l),
                  encoded -> once.encodeNow(document, fields, encoded));
            }));
  }

  private void encodeNow(
      IndexRequest document,
      Collection<EncodedField> fields,
      ActionListener<Map<String, ModelSettings>> listener)
      throws IOException {
    Map<String, Object> source =
        FieldTexts.read(document.source(), document.getContentType(), wanted(fields));
    Map<String, EncodedText> before = before(source);
    Map<String, EncodedText> after = new LinkedHashMap<>();
    Map<String, ModelSettings> settings = new HashMap<>();
    List<FieldEncoding> works = new ArrayList<>();
    for (EncodedField field : fields) {
      List<String> texts = FieldTexts.of(source, field.sources());
      if (texts.stream().allMatch(String::isBlank)) {
        continue;
      }
      String modelId = encoders.id(field.modelId());
      String model = mark(field, modelId);
      EncodedText known = before.get(field.path());
      boolean unchanged = known != null && known.isOf(model, texts);
      ModelSettings shape = field.settings();
      if (unchanged) {
        after.put(field.path(), known);
      }
      if (!unchanged || shape == null) { // else no model is asked at all
        FieldEncoding work = FieldEncoding.of(encoders, field, modelId, model, texts);
        shape = work.settings();
        if (!unchanged) {
          works.add(work);
        }
      }
      settings.put(field.path(), shape.with(modelId, encoders.id(field.searchModelId())));
    }
    ActionListener<Void> done =
        listener.map(
            v -> {
              works.forEach(work -> after.put(work.path(), work.encoded()));
              if (!after.isEmpty() || source.containsKey(StoredChunksMapper.NAME)) {
                XContentType type = document.getContentType();
                document.source(EncodedSource.with(document.source(), type, after.values()), type);
              }
              return settings;
            });
    try (RefCountingListener all = new RefCountingListener(AnsweredOnce.of(done))) {
      works.forEach(work -> work.encode(encoders, threadContext, all.acquire()));
    }
  }

  /** Whether anything in a document is not what its fields' models make of its texts now. */
  boolean isOutdated(BytesReference document, XContentType type, Collection<EncodedField> fields)
      throws IOException {
    Map<String, Object> source = FieldTexts.read(document, type, wanted(fields));
    Map<String, EncodedText> before = before(source);
    for (EncodedField field : fields) {
      List<String> texts = FieldTexts.of(source, field.sources());
      EncodedText known = before.remove(field.path());
      if (!texts.stream().allMatch(String::isBlank)
          && (known == null || !known.isOf(mark(field, encoders.id(field.modelId())), texts))) {
        return true;
      }
    }
    return false;
  }

  /** What tells a field's chunks from those by another model or cut otherwise. */
  private String mark(EncodedField field, String modelId) {
    return modelId + DocumentModels.BEHIND_ID + field.options().version(encoders.version(modelId));
  }

  /** What a source holds of encodings made before, by fields' paths. */
  private static Map<String, EncodedText> before(Map<String, Object> source) {
    Map<String, EncodedText> before = new HashMap<>();
    if (source.get(StoredChunksMapper.NAME) instanceof List<?> entries) {
      for (Object entry : entries) {
        EncodedText encoded = EncodedText.parse(entry);
        before.put(encoded.field(), encoded);
      }
    }
    return before;
  }

  /** What fields take, and what was made of them. */
  private static Set<String> wanted(Collection<EncodedField> fields) {
    TreeSet<String> wanted = new TreeSet<>(List.of(StoredChunksMapper.NAME));
    fields.forEach(field -> wanted.addAll(field.sources()));
    return wanted;
  }

  /** Leaves out of a document what was made of the fields of the index that it comes from. */
  static void removeEncoded(IndexRequest document) {
    try {
      XContentType type = document.getContentType();
      document.source(EncodedSource.without(document.source(), type), type);
    } catch (IOException | XContentParseException e) {
      LOGGER.debug("left to Elasticsearch, which says of this document what is wrong", e);
    }
  }
}
