package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.ingest.IngestDocument;
import org.semlux.ingest.StoredVectors;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * Finds out what is to be done in a document. Reads only, but for encodings whose text has gone.
 *
 * @param ignoreMissing whether a text may be missing or blank
 * @param skipUnchanged whether what was encoded before stays, and is marked for the next time
 */
record FieldReader(EncoderSource encoders, boolean ignoreMissing, boolean skipUnchanged) {
  /** The same of other models. */
  FieldReader of(EncoderSource other) {
    return new FieldReader(other, ignoreMissing, skipUnchanged);
  }

  /**
   * One place with what it holds now.
   *
   * @param texts none where {@link #lacksText}
   * @param mark that its encoding would get; empty where none is kept or there is no text
   */
  private record State(
      TextPlace place, FieldOptions options, List<String> texts, Optional<EncodedMark> mark) {
    boolean lacksText() {
      return texts.stream().allMatch(String::isBlank);
    }

    boolean isMarked() {
      return there(EncodedMark.SUFFIX) != null;
    }

    boolean markFits() {
      return mark.isPresent() && mark.get().isIn(there(EncodedMark.SUFFIX));
    }

    boolean isWhole() {
      return FieldEncoding.isWhole(there(""), options)
          || EncodedMark.isOfNothing(there(EncodedMark.SUFFIX));
    }

    private Object there(String suffix) {
      return FieldPath.get(place.anchor(), place.output() + suffix);
    }
  }

  /**
   * What a field asks for.
   *
   * @throws IllegalArgumentException naming the field, where it holds no text or cannot be followed
   * @throws org.elasticsearch.ElasticsearchException when its model cannot be asked
   */
  List<FieldEncoding> read(IngestDocument document, InputOutput field) {
    List<FieldEncoding> encodings = new ArrayList<>();
    for (TextPlace place : TextPlace.of(document, field)) {
      State state = state(field, place);
      if (!state.lacksText()) {
        if (!state.markFits() || !state.isWhole()) {
          encodings.add(encoding(state));
        }
      } else if (state.isMarked()) { // made here, of a text that is no more
        FieldPath.remove(place.anchor(), place.output());
        FieldPath.remove(place.anchor(), place.output() + EncodedMark.SUFFIX);
      }
    }
    return encodings;
  }

  /** Notes what {@link #read} would find to do; throws what that would throw. */
  void look(IngestDocument document, InputOutput field) {
    for (TextPlace place : TextPlace.of(document, field)) {
      State state = state(field, place);
      if (state.lacksText() ? state.isMarked() : !state.markFits()) {
        DryRun.note(document, field.outputField(), DryRun.Finding.OUTDATED);
      } else if (!state.lacksText() && !state.isWhole()) {
        DryRun.note(document, field.outputField(), DryRun.Finding.MISSING);
      }
    }
  }

  private State state(InputOutput field, TextPlace place) {
    List<String> texts = new ArrayList<>();
    collect(field.inputField(), place.value(), texts);
    State state = new State(place, field.options(), texts, Optional.empty());
    if (state.lacksText()) {
      checkIgnored(field, place);
      return state;
    }
    FieldOptions options = field.options().withModelId(encoders.id(field.options().modelId()));
    Optional<EncodedMark> mark = Optional.empty();
    if (skipUnchanged && !TextPlace.isOfALoop(field.outputField())) {
      String version = options.version(encoders.version(options.modelId()));
      mark = Optional.of(EncodedMark.of(options.modelId(), version, texts));
    }
    return new State(place, options, texts, mark);
  }

  private void checkIgnored(InputOutput field, TextPlace place) {
    if (!ignoreMissing) {
      throw new IllegalArgumentException(
          String.format(
              "field [%s] is %s: set [%s] to true to index such documents without a vector",
              field.inputField(),
              place.value() == null ? "missing" : "blank",
              SemluxProcessorFactory.IGNORE_MISSING));
    }
  }

  private FieldEncoding encoding(State state) {
    int model = StoredVectors.model(encoders, state.options().modelId());
    return new FieldEncoding(state.place(), state.options(), state.mark(), model, state.texts());
  }

  /**
   * What Elasticsearch indexes as text: numbers and booleans as written, arrays in arrays as one.
   */
  private static void collect(String field, Object value, List<String> texts) {
    if (value instanceof List<?> values) {
      for (Object one : values) {
        if (one == null) {
          texts.add(""); // keeps the place of those behind it
        } else {
          collect(field, one, texts);
        }
      }
    } else if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      texts.add(value.toString());
    } else if (value != null) {
      throw new IllegalArgumentException(
          String.format(
              "field [%s] must hold a text, a number, a boolean or an array of them, but holds %s",
              field, value instanceof Map ? "an object" : "a " + value.getClass().getSimpleName()));
    }
  }
}
