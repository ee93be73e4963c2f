package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.ingest.IngestDocument;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.EncoderSource;
import org.semlux.ingest.chunk.Chunking;

/**
 * Finds out what is to be encoded in a document. Reads only, but for encodings whose text has gone.
 *
 * @param ignoreMissing whether a text may be missing or blank
 * @param skipUnchanged whether what was encoded before stays, and is marked for the next time
 */
record FieldReader(EncoderSource encoders, boolean ignoreMissing, boolean skipUnchanged) {
  /**
   * What a field asks for.
   *
   * @throws IllegalArgumentException naming the field, where it holds no text or cannot be followed
   * @throws org.elasticsearch.ElasticsearchException when its model cannot be asked
   */
  List<FieldEncoding> read(IngestDocument document, InputOutput field) {
    List<FieldEncoding> encodings = new ArrayList<>();
    for (TextPlace place : TextPlace.of(document, field)) {
      List<String> texts = texts(field.inputField(), place.value());
      if (texts.stream().allMatch(String::isBlank)) {
        skip(field, place);
      } else {
        encoding(field.options(), place, texts).ifPresent(encodings::add);
      }
    }
    return encodings;
  }

  private void skip(InputOutput field, TextPlace place) {
    if (!ignoreMissing) {
      throw new IllegalArgumentException(
          String.format(
              "field [%s] is %s: set [%s] to true to index such documents without a vector",
              field.inputField(),
              place.value() == null ? "missing" : "blank",
              SemluxProcessorFactory.IGNORE_MISSING));
    }
    String mark = place.output() + EncodedMark.SUFFIX;
    if (FieldPath.get(place.anchor(), mark) != null) { // made here, of a text that is no more
      FieldPath.remove(place.anchor(), place.output());
      FieldPath.remove(place.anchor(), mark);
    }
  }

  private Optional<FieldEncoding> encoding(
      FieldOptions asked, TextPlace place, List<String> texts) {
    FieldOptions options = asked.withModelId(encoders.id(asked.modelId()));
    Optional<EncodedMark> mark = Optional.empty();
    if (skipUnchanged) {
      String version = options.version(encoders.version(options.modelId()));
      mark = Optional.of(EncodedMark.of(options.modelId(), version, texts));
      Object before = FieldPath.get(place.anchor(), place.output() + EncodedMark.SUFFIX);
      Object output = FieldPath.get(place.anchor(), place.output());
      if (mark.get().isIn(before) && FieldEncoding.isWhole(output, options)) {
        return Optional.empty();
      }
    }
    if (options.chunking().isEmpty()) {
      return Optional.of(FieldEncoding.whole(place, options, mark, texts));
    }
    Encoder encoder = encoders.encoder(options.modelId());
    Chunking chunking = options.chunking().get();
    return Optional.of(FieldEncoding.chunked(place, options, chunking, mark, texts, encoder));
  }

  private static List<String> texts(String field, Object value) {
    if (value == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (Object one : value instanceof List<?> values ? values : List.of(value)) {
      if (one != null && !(one instanceof String)) {
        throw new IllegalArgumentException(
            String.format(
                "field [%s] must hold a string or an array of strings, but holds [%s] of type [%s]",
                field, one, one.getClass().getSimpleName()));
      }
      texts.add(one == null ? "" : (String) one);
    }
    return texts;
  }
}
