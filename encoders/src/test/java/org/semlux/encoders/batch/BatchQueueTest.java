package org.semlux.encoders.batch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.text.Tokens;

/** The queue with an encoder that answers a sequence with its length. */
@SuppressWarnings("FutureReturnValueIgnored") // some only keep the queue busy
@Timeout(
    value = 30,
    threadMode = ThreadMode.SEPARATE_THREAD) // what waits for a future is not interrupted
class BatchQueueTest {
  private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore allowed = new Semaphore(0);
  private final CountDownLatch firstBatch = new CountDownLatch(1);
  private final CountDownLatch secondBatch = new CountDownLatch(2);
  private final CountDownLatch thirdBatch = new CountDownLatch(3);
  private final AtomicInteger releases = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile Duration maxWait = Duration.ofMinutes(1);
  private BatchQueue<Integer> queue = queue(1, 100, 1 << 20);

  private BatchQueue<Integer> queue(int workers, int tokens, long bytes) {
    Function<List<Tokens>, List<Integer>> encode =
        sequences -> {
          List<Integer> lengths = sequences.stream().map(Tokens::length).toList();
          batches.add(lengths);
          firstBatch.countDown();
          secondBatch.countDown();
          thirdBatch.countDown();
          allowed.acquireUninterruptibly();
          return lengths;
        };
    return new BatchQueue<>(
        "test",
        encode,
        Workers.ofThreads(workers),
        new BatchLimits(tokens, bytes).withMaxWait(priority -> maxWait),
        RequestLog.NONE,
        () -> {
          releases.incrementAndGet();
          released.countDown();
        });
  }

  /** A text that becomes sequences of these lengths. */
  private static Supplier<Optional<List<Tokens>>> tokens(int... lengths) {
    return () ->
        Optional.of(
            IntStream.of(lengths)
                .mapToObj(length -> new Tokens(new int[length], new int[length], 0))
                .toList());
  }

  private CompletableFuture<List<Integer>> submit(Priority priority, int... lengths) {
    return submit(
        IntStream.of(lengths).mapToObj(BatchQueueTest::tokens).toList(),
        10L * lengths.length,
        priority,
        Optional.empty());
  }

  private CompletableFuture<List<Integer>> submit(
      List<Supplier<Optional<List<Tokens>>>> inputs,
      long bytes,
      Priority priority,
      Optional<Instant> deadline) {
    return queue.submit(
        new BatchRequest<>(
            inputs, bytes, priority, deadline, (text, length) -> length, Integer::max));
  }

  /** Keeps the one worker busy until permits are released. */
  private CompletableFuture<List<Integer>> occupy() throws InterruptedException {
    CompletableFuture<List<Integer>> first = submit(Priority.INGEST, 1);
    assertThat(firstBatch.await(10, SECONDS)).isTrue();
    return first;
  }

  @AfterEach
  void close() {
    queue.close();
    allowed.release(1000);
  }

  @Test
  void answersInTheOrderOfTheRequestWhateverTheBatches() {
    allowed.release(1000);
    int[] lengths = IntStream.range(0, 300).map(i -> 1 + (i * 37) % 90).toArray();
    assertThat(submit(Priority.INGEST, lengths).join())
        .containsExactlyElementsOf(IntStream.of(lengths).boxed().toList());
  }

  @Test
  void theModelIsKeptWhileItIsUsedOnACallersThread() {
    assertThat(
            queue.<Integer>whileOpen(
                () -> {
                  queue.close();
                  return releases.get();
                }))
        .isZero();
    assertThat(releases).hasValue(1);
    assertThatThrownBy(() -> queue.whileOpen(releases::get))
        .isInstanceOf(EncoderClosedException.class);
    assertThat(releases).hasValue(1);
  }

  @Test
  void batchesStayWithinTheirTokensAndHoldSimilarLengths() throws Exception {
    occupy();
    CompletableFuture<List<Integer>> rest = submit(Priority.INGEST, 10, 50, 11, 49, 12, 48);
    allowed.release(1000);
    rest.join();
    assertThat(batches).contains(List.of(10, 11, 12, 48)).contains(List.of(49, 50));
  }

  @Test
  void aTextLongerThanABatchRunsAlone() {
    allowed.release(1000);
    assertThat(submit(Priority.INGEST, 500, 3).join()).containsExactly(500, 3);
    assertThat(batches).containsExactlyInAnyOrder(List.of(500), List.of(3));
  }

  @Test
  void aTextOfSeveralSequencesGetsOneAnswer() {
    allowed.release(1000);
    List<Supplier<Optional<List<Tokens>>>> inputs =
        List.of(tokens(3), tokens(70, 90, 80), tokens(4));
    assertThat(submit(inputs, 30, Priority.INGEST, Optional.empty()).join())
        .containsExactly(3, 90, 4);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrder(3, 70, 90, 80, 4);
    assertThat(queue.stats().queuedBytes()).isZero();
    assertThat(queue.stats().queuedTexts()).isZero();
  }

  @Test
  void anAnswerThatCannotBeFinishedFailsItsRequestAlone() {
    allowed.release(1000);
    CompletableFuture<List<Integer>> bad =
        queue.submit(
            new BatchRequest<>(
                List.of(tokens(5)),
                10,
                Priority.INGEST,
                Optional.empty(),
                (text, length) -> Math.floorDiv(length, 0),
                Integer::max));
    assertThat(submit(Priority.INGEST, 9).join()).containsExactly(9);
    assertThatThrownBy(bad::join).hasRootCauseInstanceOf(ArithmeticException.class);
  }

  /** A document of many pieces holds up a search for one of them. */
  @Test
  void aSearchOvertakesADocumentThatIsBeingRead() throws Exception {
    allowed.release(1000);
    CountDownLatch begun = new CountDownLatch(1);
    Semaphore pieces = new Semaphore(0);
    Supplier<Optional<List<Tokens>>> withoutEnd =
        () -> {
          begun.countDown();
          pieces.acquireUninterruptibly();
          return Optional.empty();
        };
    CompletableFuture<List<Integer>> document =
        submit(List.of(withoutEnd), 10, Priority.INGEST, Optional.empty());
    assertThat(begun.await(10, SECONDS)).isTrue();
    CompletableFuture<List<Integer>> search = submit(Priority.SEARCH, 5);
    pieces.release(); // the one that is being read
    assertThat(search.get(10, SECONDS)).containsExactly(5);
    assertThat(queue.stats().queuedTexts()).isOne();
    document.cancel(false);
    pieces.release();
    assertThat(submit(Priority.INGEST, 6).get(10, SECONDS))
        .containsExactly(6); // after the document
    assertThat(queue.stats().queuedTexts()).isZero();
    assertThat(queue.stats().queuedBytes()).isZero();
    assertThat(queue.stats().dropped()).isOne();
  }

  /** However many pieces a text has, the short ones behind it are tokenized in the same turn. */
  @Test
  void piecesDoNotCountAsTexts() throws Exception {
    occupy();
    AtomicInteger pieces = new AtomicInteger();
    Supplier<Optional<List<Tokens>>> ofPieces =
        () -> pieces.incrementAndGet() < 100 ? Optional.empty() : tokens(7).get();
    CompletableFuture<List<Integer>> longText =
        submit(List.of(ofPieces), 10, Priority.INGEST, Optional.empty());
    CompletableFuture<List<Integer>> shortText = submit(Priority.INGEST, 8);
    allowed.release(2); // the first batch and the next
    assertThat(longText.get(10, SECONDS)).containsExactly(7);
    assertThat(shortText.get(10, SECONDS)).containsExactly(8);
  }

  @Test
  void searchesOvertakeDocumentsThatWait() throws Exception {
    occupy();
    CompletableFuture<List<Integer>> documents = submit(Priority.INGEST, 60, 61, 62, 63);
    CompletableFuture<List<Integer>> search = submit(Priority.SEARCH, 5);
    allowed.release(2); // the first batch and the next
    assertThat(search.get(10, SECONDS)).containsExactly(5);
    assertThat(documents).isNotDone();
    assertThat(batches.get(1)).containsExactly(5);
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingAcceptedIsLost() throws Exception {
    queue = queue(1, 100, 100);
    occupy();
    List<CompletableFuture<List<Integer>>> accepted = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 30; i++) {
      CompletableFuture<List<Integer>> future = submit(Priority.INGEST, 7);
      if (future.isCompletedExceptionally()) {
        refused++;
        assertThatThrownBy(future::get)
            .hasCauseInstanceOf(QueueFullException.class)
            .hasMessageContaining("model [test]");
      } else {
        accepted.add(future);
      }
    }
    assertThat(accepted).hasSize(8); // an eighth is left to searches
    assertThat(queue.stats().rejected()).isEqualTo(refused).isEqualTo(22);
    accepted.add(submit(Priority.SEARCH, 7));
    allowed.release(1000);
    for (CompletableFuture<List<Integer>> future : accepted) {
      assertThat(future.get(10, SECONDS)).containsExactly(7);
    }
    assertThat(queue.stats().queuedBytes()).isZero();
    assertThat(submit(Priority.INGEST, 8).get(10, SECONDS)).containsExactly(8);
    // What comes alone may have the eighth too.
    assertThat(submit(Priority.INGEST, 8, 8, 8, 8, 8, 8, 8, 8, 8).get(10, SECONDS)).hasSize(9);
  }

  @Test
  void whatWouldWaitTooLongIsRefusedAtOnce() throws Exception {
    occupy();
    maxWait = Duration.ZERO;
    CompletableFuture<List<Integer>> accepted = submit(Priority.INGEST, 100, 100, 100);
    assertThat(submit(Priority.INGEST, 100)).as("what runs takes long").isCompletedExceptionally();
    allowed.release(2); // the first batch and one that is full
    assertThat(thirdBatch.await(10, SECONDS)).isTrue();
    CompletableFuture<List<Integer>> refused = submit(Priority.INGEST, 100);
    assertThatThrownBy(refused::get)
        .hasCauseInstanceOf(QueueFullException.class)
        .hasMessageContaining("queue of model [test] is too long")
        .satisfies(
            e ->
                assertThat(((QueueFullException) e.getCause()).retryAfter())
                    .isPositive()
                    .isLessThan(Duration.ofSeconds(10)));
    CompletableFuture<List<Integer>> search = submit(Priority.SEARCH, 3);
    assertThat(search).as("documents do not count").isNotCompletedExceptionally();
    allowed.release(1000);
    assertThat(accepted.get(10, SECONDS)).containsExactly(100, 100, 100);
    assertThat(search.get(10, SECONDS)).containsExactly(3);
    assertThat(queue.stats().rejected()).isEqualTo(2);
    assertThat(submit(Priority.INGEST, 8).get(10, SECONDS)).containsExactly(8);
  }

  @Test
  void cancelledAndExpiredWorkIsDroppedBeforeItRuns() throws Exception {
    CompletableFuture<List<Integer>> first = occupy();
    CompletableFuture<List<Integer>> cancelled = submit(Priority.INGEST, 20);
    CompletableFuture<List<Integer>> expired =
        submit(
            List.of(tokens(30)), 10, Priority.INGEST, Optional.of(Instant.now().minusSeconds(1)));
    CompletableFuture<List<Integer>> wanted = submit(Priority.INGEST, 40);
    cancelled.cancel(true);
    allowed.release(1000);
    assertThat(first.get(10, SECONDS)).containsExactly(1);
    assertThat(wanted.get(10, SECONDS)).containsExactly(40);
    assertThatThrownBy(() -> expired.get(10, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TimeoutException.class);
    assertThat(batches.stream().flatMap(List::stream)).doesNotContain(20, 30);
    assertThat(queue.stats().dropped()).isEqualTo(2);
  }

  @Test
  void aTextThatCannotBeTokenizedFailsItsRequestAlone() {
    allowed.release(1000);
    Supplier<Optional<List<Tokens>>> broken =
        () -> {
          throw new IllegalStateException("no tokens");
        };
    CompletableFuture<List<Integer>> bad =
        submit(List.of(tokens(1), broken), 10, Priority.INGEST, Optional.empty());
    assertThat(submit(Priority.INGEST, 9).join()).containsExactly(9);
    assertThatThrownBy(bad::join).hasRootCauseMessage("no tokens");
  }

  @Test
  void aBatchThatFailsFailsItsRequestsAndNotTheQueue() {
    AtomicInteger runs = new AtomicInteger();
    queue =
        new BatchQueue<>(
            "test",
            sequences -> {
              if (runs.getAndIncrement() == 0) {
                throw new IllegalArgumentException("out of memory");
              }
              return sequences.stream().map(Tokens::length).toList();
            },
            Workers.ofThreads(1),
            new BatchLimits(100, 1000),
            RequestLog.NONE,
            () -> {});
    assertThatThrownBy(() -> submit(Priority.INGEST, 4).join())
        .hasRootCauseMessage("out of memory");
    assertThat(submit(Priority.INGEST, 4).join()).containsExactly(4);
  }

  /** Also by what Java throws where its stack is full or a file's mapping has gone. */
  @ParameterizedTest
  @ValueSource(classes = {StackOverflowError.class, InternalError.class, LinkageError.class})
  void anErrorAnywhereFailsItsRequestAlone(Class<? extends Error> type) throws Exception {
    Error error = type.getConstructor().newInstance();
    queue =
        new BatchQueue<>(
            "test",
            sequences -> {
              List<Integer> lengths = sequences.stream().map(Tokens::length).toList();
              throwIf(lengths.contains(66), error);
              return lengths;
            },
            Workers.ofThreads(1),
            new BatchLimits(100, 1000),
            RequestLog.NONE,
            () -> {});
    Supplier<Optional<List<Tokens>>> unreadable =
        () -> {
          throw error;
        };
    List<CompletableFuture<List<Integer>>> failing =
        List.of(
            submit(List.of(unreadable), 10, Priority.INGEST, Optional.empty()),
            submit(Priority.INGEST, 66),
            queue.submit(
                new BatchRequest<>(
                    List.of(tokens(5)),
                    10,
                    Priority.INGEST,
                    Optional.empty(),
                    (text, length) -> throwIf(true, error),
                    Integer::max)));
    for (CompletableFuture<List<Integer>> request : failing) {
      assertThatThrownBy(() -> request.get(5, SECONDS)).hasCause(error);
    }
    assertThat(submit(Priority.INGEST, 4).get(5, SECONDS)).containsExactly(4);
  }

  private static int throwIf(boolean wrong, Error error) {
    if (wrong) {
      throw error;
    }
    return 0;
  }

  @Test
  void closingFailsWhatWaitsAndReleasesAfterTheRunningBatch() throws Exception {
    CompletableFuture<List<Integer>> running = occupy();
    // A search would not wait: it has a thread to itself while documents keep all others.
    CompletableFuture<List<Integer>> waiting = submit(Priority.INGEST, 2);
    queue.close();
    assertThatThrownBy(() -> waiting.get(10, SECONDS))
        .hasCauseInstanceOf(EncoderClosedException.class);
    assertThat(releases).hasValue(0);
    allowed.release(1);
    assertThat(running.get(10, SECONDS)).containsExactly(1);
    queue.close();
    assertThatThrownBy(() -> submit(Priority.SEARCH, 2).get())
        .hasCauseInstanceOf(EncoderClosedException.class);
    assertThat(released.await(10, SECONDS)).isTrue();
    assertThat(releases).hasValue(1);
  }

  @Test
  void allWorkersTakePart() throws Exception {
    queue = queue(2, 100, 1 << 20);
    submit(Priority.INGEST, IntStream.range(0, 50).map(i -> 90).toArray());
    assertThat(secondBatch.await(10, SECONDS)).isTrue();
    assertThat(batches).hasSize(2);
  }

  /** A worker that runs a batch is none for what comes meanwhile. */
  @Test
  void aSearchTakesAnIdleThreadWhileADocumentRuns() throws Exception {
    queue = queue(2, 100, 1 << 20);
    CompletableFuture<List<Integer>> document = occupy();
    submit(Priority.SEARCH, 5);
    assertThat(secondBatch.await(10, SECONDS)).isTrue();
    assertThat(document).isNotDone();
    assertThat(batches).containsExactly(List.of(1), List.of(5));
  }

  /** Documents may take seconds each. */
  @Test
  void aSearchOvertakesDocumentsThatRunOnAllThreads() throws Exception {
    queue = queue(2, 100, 1 << 20);
    CompletableFuture<List<Integer>> documents = submit(Priority.INGEST, 90, 91, 92, 93);
    assertThat(secondBatch.await(10, SECONDS)).isTrue();
    submit(Priority.SEARCH, 5);
    submit(Priority.INGEST, 94);
    while (batches.size() < 3) {
      Thread.onSpinWait();
    }
    assertThat(batches.get(2)).containsExactly(5);
    allowed.release(1000);
    assertThat(documents.get(10, SECONDS)).containsExactly(90, 91, 92, 93);
  }
}
