package org.semlux.encoders.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.semlux.encoders.api.Priority;

/**
 * Turns on threads that the test plays itself: a task that is polled and run is a thread's work.
 */
class TurnsTest {
  private static final Map<Priority, Long> NANOS =
      Map.of(Priority.SEARCH, 1_000L, Priority.RERANK, 5_000L, Priority.INGEST, 3_000L);

  private final Deque<Runnable> threads = new ArrayDeque<>();
  private final Deque<Runnable> searches = new ArrayDeque<>();
  private final List<Priority> ran = new ArrayList<>();
  private long time;

  private void add(Turns turns, Priority priority, int times) {
    for (int i = 0; i < times; i++) {
      turns.add(priority, () -> run(priority));
    }
  }

  private void run(Priority priority) {
    ran.add(priority);
    time += NANOS.get(priority);
  }

  private long spent(Priority priority, int turns) {
    return Collections.frequency(ran.subList(0, turns), priority) * NANOS.get(priority);
  }

  /** A turn of documents takes longer: it is time that is shared out, not turns. */
  @Test
  void whoeverWaitsGetsAShareOfTheTimeAndSearchesAreFirst() {
    Turns turns = new Turns(threads::add, 1, searches::add, () -> time, 0);
    for (Priority priority : new Priority[] {Priority.INGEST, Priority.RERANK, Priority.SEARCH}) {
      add(turns, priority, 1_000);
    }
    assertThat(threads).hasSize(1);
    threads.poll().run();
    assertThat(ran).hasSize(3_000);
    assertThat(ran.get(0)).isEqualTo(Priority.SEARCH);
    double one = spent(Priority.INGEST, 800);
    assertThat(spent(Priority.SEARCH, 800) / one).isBetween(5.8, 6.2);
    assertThat(spent(Priority.RERANK, 800) / one).isBetween(1.9, 2.1);
  }

  /** Threads that choose at the same time do not all choose documents. */
  @Test
  void threadsThatAreFreeAtOnceGoTheirWays() {
    Shares shares = new Shares();
    List<Priority> both = List.of(Priority.SEARCH, Priority.INGEST);
    for (int i = 0; i < 20; i++) { // what turns take is known from then on
      Priority next = shares.next(both);
      shares.end(next, 1_000, shares.usual(next));
    }
    List<Priority> chosen = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      chosen.add(shares.next(both));
    }
    assertThat(Collections.frequency(chosen, Priority.INGEST)).isBetween(1, 3);
  }

  /** Whatever searches have had before does not count. */
  @Test
  void withoutSearchesTheRestSharesTheTime() {
    Turns turns = new Turns(threads::add, 1, searches::add, () -> time, 0);
    add(turns, Priority.SEARCH, 500);
    threads.poll().run();
    for (int i = 0; i < 30; i++) {
      turns.add(Priority.INGEST, () -> again(turns, Priority.INGEST));
      turns.add(Priority.RERANK, () -> again(turns, Priority.RERANK));
    }
    threads.poll().run();
    double rerank = spent(Priority.RERANK, 700);
    assertThat(rerank / spent(Priority.INGEST, 700)).isBetween(1.9, 2.1);
  }

  private void again(Turns turns, Priority priority) {
    run(priority);
    if (ran.size() < 700) {
      turns.add(priority, () -> again(turns, priority));
    }
  }

  @Test
  void aSearchAfterAPauseGoesBeforeAllThatWaits() {
    Turns turns = new Turns(threads::add, 1, searches::add, () -> time, 0);
    turns.add(
        Priority.INGEST,
        () -> {
          add(turns, Priority.INGEST, 50);
          add(turns, Priority.RERANK, 50);
          run(Priority.INGEST);
        });
    turns.add(
        Priority.INGEST,
        () -> {
          add(turns, Priority.SEARCH, 3);
          run(Priority.INGEST);
        });
    threads.poll().run();
    int first = ran.indexOf(Priority.SEARCH);
    assertThat(ran.subList(first, first + 3)).containsOnly(Priority.SEARCH);
  }

  @Test
  void whileSearchesComeOneThreadOfTwoIsTheirs() {
    Turns turns = new Turns(threads::add, 2, searches::add, () -> time, 0);
    add(turns, Priority.SEARCH, 1);
    turns.add(
        Priority.INGEST,
        () -> {
          ran.add(Priority.INGEST);
          Runnable other = threads.poll();
          add(turns, Priority.RERANK, 5);
          add(turns, Priority.SEARCH, 1);
          other.run(); // beside this turn it takes the search and nothing else
          assertThat(ran).containsExactly(Priority.SEARCH, Priority.INGEST, Priority.SEARCH);
        });
    threads.poll().run();
    while (!threads.isEmpty()) {
      threads.poll().run();
    }
    assertThat(ran).hasSize(8);
  }

  @Test
  void aSearchThatFindsDocumentsOnAllThreadsGoesBesideThem() {
    Turns turns = new Turns(threads::add, 1, searches::add, () -> time, 0);
    turns.add(
        Priority.INGEST,
        () -> {
          add(turns, Priority.SEARCH, 2);
          assertThat(searches).hasSize(1);
          searches.poll().run();
          assertThat(ran).containsExactly(Priority.SEARCH, Priority.SEARCH);
          add(turns, Priority.SEARCH, 1);
        });
    threads.poll().run();
    assertThat(ran).as("the thread that has ended its turn takes the third").hasSize(3);
    searches.poll().run();
    assertThat(ran).hasSize(3);
  }

  /** It waited already when the last thread chose a document. */
  @Test
  void aSearchThatDocumentsLeaveBehindGoesBesideThem() {
    Turns turns = new Turns(threads::add, 1, searches::add, () -> time, 0);
    List<Priority> ranBeside = new ArrayList<>();
    add(turns, Priority.INGEST, 1);
    threads.poll().run();
    turns.add(
        Priority.SEARCH,
        () -> {
          time += 1_000_000; // searches have had more than their share
          add(turns, Priority.SEARCH, 1);
          turns.add(
              Priority.INGEST,
              () -> {
                searches.poll().run();
                ranBeside.addAll(ran);
              });
        });
    threads.poll().run();
    assertThat(ranBeside).containsExactly(Priority.INGEST, Priority.SEARCH);
  }

  @Test
  void withoutSearchesDocumentsTakeAllThreads() {
    Turns turns = new Turns(threads::add, 2, searches::add, () -> time, 0);
    turns.add(
        Priority.INGEST,
        () -> {
          add(turns, Priority.INGEST, 5);
          threads.poll().run();
          assertThat(ran).hasSize(5);
        });
    threads.poll().run();
    assertThat(ran).hasSize(5);
  }

  @Test
  void aThreadThatATurnKillsIsReplaced() {
    Turns turns = new Turns(threads::add, 1, searches::add, () -> time, 0);
    turns.add(
        Priority.INGEST,
        () -> {
          throw new StackOverflowError();
        });
    assertThatThrownBy(threads.poll()::run).isInstanceOf(StackOverflowError.class);
    add(turns, Priority.INGEST, 1);
    threads.poll().run();
    assertThat(ran).hasSize(1);
  }

  @Test
  void whatNoThreadTakesIsTheCallersAgain() {
    Turns turns =
        new Turns(
            task -> {
              throw new RejectedExecutionException("closed");
            },
            2,
            searches::add,
            () -> time,
            0);
    assertThatThrownBy(() -> add(turns, Priority.SEARCH, 1))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> add(turns, Priority.SEARCH, 1))
        .isInstanceOf(RejectedExecutionException.class);
  }

  /** A thread pool of its own would take them in turn. */
  @Test
  @Timeout(60)
  void whoHasJustComputedGoesOn() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    Turns turns = new Turns(pool, 3, searches::add, System::nanoTime, 60_000);
    CyclicBarrier together = new CyclicBarrier(3);
    List<CompletableFuture<Thread>> first = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      first.add(
          threadOf(
              turns,
              () -> {
                try {
                  together.await();
                } catch (InterruptedException | BrokenBarrierException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    for (CompletableFuture<Thread> thread : first) {
      untilItWaits(thread.join());
    }
    Set<Thread> threads = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Thread thread = threadOf(turns, () -> {}).join();
      untilItWaits(thread);
      threads.add(thread);
    }
    assertThat(threads).hasSize(1);
    pool.shutdownNow();
    assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void untilItWaits(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  private static CompletableFuture<Thread> threadOf(Turns turns, Runnable task) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    turns.add(
        Priority.SEARCH,
        () -> {
          task.run();
          thread.complete(Thread.currentThread());
        });
    return thread;
  }
}
