package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.index.VersionType;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;

/**
 * The processor with a real encoder, as a bulk request calls it: all documents before any answer.
 */
class SemluxProcessorTest {
  private static final Path MODEL =
      Path.of("../tests/src/test/resources/goldens/dense-bert-mean-normalize");
  private static final EncoderOptions OPTIONS =
      EncoderOptions.defaults().withPrecision(Precision.FLOAT32);

  private static DenseEncoder encoder;
  private final ThreadContext threadContext = new ThreadContext(Settings.EMPTY);

  @BeforeAll
  static void load() throws IOException {
    LogConfigurator.configureESLogging(); // its exceptions log
    encoder = DenseEncoder.load(MODEL, OPTIONS);
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void writesTheVectorOfEachField() throws Exception {
    IngestDocument document =
        document(Map.of("title", "A plane", "body", new HashMap<>(Map.of("text", "It flies."))));

    run(processor("title", "title_vector", "body.text", "body.vector"), document);

    assertThat(vector(document, "title_vector")).isEqualTo(floats("A plane"));
    assertThat(vector(document, "body.vector")).isEqualTo(floats("It flies."));
    // As _simulate and on_failure do: the vector must be of a kind that documents can copy.
    assertThat(new IngestDocument(document).getSource()).isEqualTo(document.getSource());
  }

  @Test
  void documentsOfOneBulkShareBatches() throws Exception {
    try (DenseEncoder fresh = DenseEncoder.load(MODEL, OPTIONS)) {
      SemluxProcessor processor = processor(fresh, false, "text", "vector");
      List<CompletableFuture<IngestDocument>> running = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        running.add(execute(processor, document(Map.of("text", "document number " + i))));
      }
      for (CompletableFuture<IngestDocument> one : running) {
        await(one);
      }

      assertThat(fresh.stats().requests()).isEqualTo(400);
      assertThat(fresh.stats().batches()).isBetween(1L, 400L / 4);
    }
  }

  @Test
  @SuppressWarnings("try")
  void answersUnderTheCallersContextAndOffTheComputeThreads() throws Exception {
    SemluxProcessor processor = processor("text", "vector");
    List<CompletableFuture<String>> seen = new ArrayList<>();
    for (int user = 0; user < 50; user++) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      try (var ignored = threadContext.stashContext()) {
        threadContext.putHeader("user", "user-" + user);
        processor.execute(
            document(Map.of("text", "text " + user)),
            (document, failure) ->
                answer.complete(
                    threadContext.getHeader("user") + " " + Thread.currentThread().getName()));
      }
      seen.add(answer);
    }

    for (int user = 0; user < 50; user++) {
      assertThat(await(seen.get(user)))
          .startsWith("user-" + user + " ")
          .doesNotContain("semlux-encode");
    }
    assertThat(threadContext.getHeader("user")).isNull();
  }

  @Test
  void aFullQueueRefusesWholeDocumentsWith429() throws Exception {
    EncoderOptions small = OPTIONS.withLimits(OPTIONS.limits().withQueueBytes(2_000));
    try (DenseEncoder crowded = DenseEncoder.load(MODEL, small)) {
      SemluxProcessor processor = processor(crowded, false, "a", "a_vector", "b", "b_vector");
      Map<IngestDocument, CompletableFuture<IngestDocument>> running = new HashMap<>();
      List<IngestDocument> documents = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        IngestDocument document = document(Map.of("a", "first of " + i, "b", "second of " + i));
        documents.add(document);
        running.put(document, execute(processor, document));
      }

      Set<RestStatus> statuses = new HashSet<>();
      int refused = 0;
      for (CompletableFuture<IngestDocument> one : running.values()) {
        try {
          await(one);
        } catch (ExecutionException e) {
          statuses.add(ExceptionsHelper.status(e.getCause()));
          refused++;
        }
      }
      assertThat(statuses).containsExactly(RestStatus.TOO_MANY_REQUESTS);
      assertThat(refused).isBetween(1, 499).isEqualTo((int) crowded.stats().rejected());
      assertThat(documents)
          .allMatch(document -> document.hasField("a_vector") == document.hasField("b_vector"));
      assertThat(documents.stream().filter(document -> document.hasField("a_vector")))
          .hasSize(500 - refused);
    }
  }

  @Test
  void namesAFieldThatIsMissingBlankOrNoText() {
    assertThat(failure(Map.of("other", "x")))
        .hasMessageContaining("field [text] is missing")
        .hasMessageContaining("ignore_missing");
    assertThat(failure(Map.of("text", " \n"))).hasMessageContaining("field [text] is blank");
    String expected =
        "field [text] must hold a text, a number, a boolean or an array of them, but holds an object";
    assertThat(failure(Map.of("text", Map.of("a", 42)))).hasMessage(expected);
    assertThat(failure(Map.of("text", List.of("a", Map.of())))).hasMessage(expected);
    assertThat(ExceptionsHelper.status(failure(Map.of("text", Map.of()))))
        .isEqualTo(RestStatus.BAD_REQUEST);
  }

  @Test
  void skipsWhatIsMissingWhenToldTo() throws Exception {
    SemluxProcessor processor = processor(encoder, true, "a", "a_vector", "b", "b_vector");
    IngestDocument document = document(Map.of("a", "", "b", "A plane"));

    run(processor, document);

    assertThat(document.hasField("a_vector")).isFalse();
    assertThat(vector(document, "b_vector")).isEqualTo(floats("A plane"));

    IngestDocument empty = document(Map.of("c", 1));
    run(processor, empty);
    assertThat(empty.getSource()).isEqualTo(Map.of("c", 1));
  }

  @Test
  void anOutputThatCannotBeWrittenFailsTheDocument() {
    SemluxProcessor processor = processor("text", "text.vector");

    assertThat(failureOf(execute(processor, document(Map.of("text", "A plane")))))
        .hasMessageContaining("text.vector");
  }

  /** A bulk waits for every document's answer. */
  @Test
  void anObjectThatCannotBeChangedFailsTheDocument() {
    SemluxProcessor processor = processor("made.text", "made.vector");

    Throwable failure =
        failureOf(execute(processor, document(Map.of("made", Map.of("text", "A plane")))));

    assertThat(failure)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[output_field] lies in an object that cannot be changed");
  }

  /** Long texts take turns, and whoever ends one begins the next. */
  @Test
  @SuppressWarnings("try")
  void aLongTextThatWaitedIsItsOwnCallersStill() throws Exception {
    int others = 2;
    Deque<Runnable> turns = new ConcurrentLinkedDeque<>();
    SemluxProcessor processor =
        new SemluxProcessorFactory(
                id -> encoder, threadContext, (index, field) -> false, turns::add, others)
            .create(
                Map.of(),
                "tag",
                null,
                new HashMap<>(
                    Map.of(
                        "model_id",
                        "tiny",
                        "input_output",
                        List.of(Map.of("input_field", "text", "output_field", "out")),
                        "chunking",
                        new HashMap<>(Map.of("strategy", "words", "size", 200, "overlap", 0)))),
                null);
    CompletableFuture<String> answer = new CompletableFuture<>();
    for (int i = 0; i <= others; i++) {
      boolean last = i == others;
      try (var ignored = threadContext.stashContext()) {
        threadContext.putHeader("user", last ? "who waits" : "who came before");
        processor.execute(
            document(Map.of("text", "a long text ".repeat(200))),
            (document, failure) -> {
              if (last) {
                answer.complete(threadContext.getHeader("user") + " " + failure);
              }
            });
      }
    }
    assertThat(turns).hasSize(others); // the last one waits

    while (!turns.isEmpty()) {
      try (var ignored = threadContext.stashContext()) {
        threadContext.putHeader("user", "who came before");
        turns.poll().run();
      }
    }

    assertThat(await(answer)).isEqualTo("who waits null");
  }

  private Throwable failure(Map<String, Object> source) {
    return failureOf(execute(processor("text", "vector"), document(source)));
  }

  private static Throwable failureOf(CompletableFuture<IngestDocument> future) {
    return catchThrowableOfType(ExecutionException.class, () -> await(future)).getCause();
  }

  private SemluxProcessor processor(String... fields) {
    return processor(encoder, false, fields);
  }

  private SemluxProcessor processor(DenseEncoder encoder, boolean ignoreMissing, String... fields) {
    List<Map<String, Object>> pairs = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      pairs.add(Map.of("input_field", fields[i], "output_field", fields[i + 1]));
    }
    Map<String, Object> config = new HashMap<>();
    config.put("model_id", "tiny");
    config.put("input_output", pairs);
    config.put("ignore_missing", ignoreMissing);
    return new SemluxProcessorFactory(
            id -> encoder, threadContext, (index, field) -> false, Runnable::run, 1)
        .create(Map.of(), "tag", null, config, null);
  }

  private static Object vector(IngestDocument document, String field) {
    return document.getFieldValue(field, Object.class);
  }

  private static List<Float> floats(String text) {
    List<Float> floats = new ArrayList<>();
    for (float value : encoder.encode(List.of(text)).get(0).values()) {
      floats.add(value);
    }
    return floats;
  }

  private static IngestDocument document(Map<String, Object> source) {
    return new IngestDocument("index", "id", 1, null, VersionType.INTERNAL, new HashMap<>(source));
  }

  private static void run(SemluxProcessor processor, IngestDocument document) throws Exception {
    assertThat(await(execute(processor, document))).isSameAs(document);
  }

  private static CompletableFuture<IngestDocument> execute(
      SemluxProcessor processor, IngestDocument document) {
    CompletableFuture<IngestDocument> future = new CompletableFuture<>();
    processor.execute(
        document,
        (result, failure) -> {
          if (failure == null) {
            future.complete(result);
          } else {
            future.completeExceptionally(failure);
          }
        });
    return future;
  }

  private static <T> T await(CompletableFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(1, TimeUnit.MINUTES);
  }
}
