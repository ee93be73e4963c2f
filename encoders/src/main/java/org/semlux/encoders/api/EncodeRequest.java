package org.semlux.encoders.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a caller wants encoded. Cancel it by cancelling the future that {@code submit} returned:
 * work that was cancelled or has expired is dropped before it runs.
 *
 * {@snippet lang=java :
 * EncodeRequest request =
 *     EncodeRequest.of(List.of("Who plays?", "Where?"))
 *         .withInputType(InputType.QUERY)
 *         .withPriority(Priority.SEARCH)
 *         .withDeadline(Instant.now().plusMillis(500));
 * try (DenseEncoder encoder = DenseEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   List<DenseVector> vectors = encoder.submit(request).join(); // two, in the texts' order
 * }
 * }
 *
 * @param texts the texts, in the order of the answers; an empty text is fine
 * @param inputType picks the prompt of that side, and the network where the sides differ
 * @param promptName a prompt of the model's by its name; wins over {@code inputType}'s
 * @param terms which terms a sparse encoder answers with; others do not look at it
 * @param priority who waits for it
 * @param deadline after which nobody needs the answer
 */
public record EncodeRequest(
    List<String> texts,
    Optional<InputType> inputType,
    Optional<String> promptName,
    SparseOptions terms,
    Priority priority,
    Optional<Instant> deadline) {

  public EncodeRequest {
    texts = List.copyOf(texts);
  }

  /** Documents without input type or deadline, and all terms of them. */
  public static EncodeRequest of(List<String> texts) {
    return new EncodeRequest(
        texts,
        Optional.empty(),
        Optional.empty(),
        SparseOptions.defaults(),
        Priority.INGEST,
        Optional.empty());
  }

  public EncodeRequest withTexts(List<String> other) {
    return new EncodeRequest(other, inputType, promptName, terms, priority, deadline);
  }

  public EncodeRequest withInputType(InputType type) {
    return new EncodeRequest(texts, Optional.of(type), promptName, terms, priority, deadline);
  }

  public EncodeRequest withPromptName(String name) {
    return new EncodeRequest(texts, inputType, Optional.of(name), terms, priority, deadline);
  }

  public EncodeRequest withTerms(SparseOptions other) {
    return new EncodeRequest(texts, inputType, promptName, other, priority, deadline);
  }

  public EncodeRequest withPriority(Priority other) {
    return new EncodeRequest(texts, inputType, promptName, terms, other, deadline);
  }

  public EncodeRequest withDeadline(Instant instant) {
    return new EncodeRequest(texts, inputType, promptName, terms, priority, Optional.of(instant));
  }
}
