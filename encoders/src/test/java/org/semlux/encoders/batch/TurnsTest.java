package org.semlux.encoders.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Priority;

/**
 * Turns on threads that the test plays itself: a task that is polled and run is a thread's work.
 */
class TurnsTest {
  private final Deque<Runnable> threads = new ArrayDeque<>();
  private final Deque<Runnable> searches = new ArrayDeque<>();
  private final List<Priority> ran = new ArrayList<>();

  private void add(Turns turns, Priority priority, int times) {
    for (int i = 0; i < times; i++) {
      turns.add(priority, () -> ran.add(priority));
    }
  }

  @Test
  void whoeverWaitsGetsAShareAndSearchesAreFirst() {
    Turns turns = new Turns(threads::add, 1, searches::add);
    for (Priority priority : new Priority[] {Priority.INGEST, Priority.RERANK, Priority.SEARCH}) {
      add(turns, priority, 210);
    }
    assertThat(threads).hasSize(1);
    threads.poll().run();
    assertThat(ran).hasSize(630);
    assertThat(ran.get(0)).isEqualTo(Priority.SEARCH);
    List<Priority> contended = ran.subList(0, 216);
    assertThat(Collections.frequency(contended, Priority.SEARCH)).isBetween(191, 193);
    assertThat(Collections.frequency(contended, Priority.RERANK)).isEqualTo(16);
    assertThat(Collections.frequency(contended, Priority.INGEST)).isEqualTo(8);
  }

  /** Whatever searches have had on their own thread does not count. */
  @Test
  void documentsGetEveryThirdTurnBesideReranking() {
    Turns turns = new Turns(threads::add, 1, searches::add);
    add(turns, Priority.SEARCH, 500);
    threads.poll().run();
    for (int i = 0; i < 30; i++) {
      turns.add(Priority.INGEST, () -> again(turns, Priority.INGEST));
      turns.add(Priority.RERANK, () -> again(turns, Priority.RERANK));
    }
    threads.poll().run();
    List<Priority> contended = ran.subList(500, 590);
    assertThat(Collections.frequency(contended, Priority.RERANK)).isEqualTo(60);
    assertThat(Collections.frequency(contended, Priority.INGEST)).isEqualTo(30);
  }

  private void again(Turns turns, Priority priority) {
    ran.add(priority);
    if (ran.size() < 700) {
      turns.add(priority, () -> again(turns, priority));
    }
  }

  @Test
  void aSearchAfterAPauseGoesBeforeAllThatWaits() {
    Turns turns = new Turns(threads::add, 1, searches::add);
    turns.add(
        Priority.INGEST,
        () -> {
          add(turns, Priority.INGEST, 50);
          add(turns, Priority.RERANK, 50);
          turns.add(Priority.RERANK, () -> {});
        });
    turns.add(Priority.INGEST, () -> add(turns, Priority.SEARCH, 3));
    threads.poll().run();
    int first = ran.indexOf(Priority.SEARCH);
    assertThat(ran.subList(first, first + 3)).containsOnly(Priority.SEARCH);
  }

  @Test
  void whileSearchesComeOneThreadOfTwoIsTheirs() {
    Turns turns = new Turns(threads::add, 2, searches::add);
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
    Turns turns = new Turns(threads::add, 1, searches::add);
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

  @Test
  void withoutSearchesDocumentsTakeAllThreads() {
    Turns turns = new Turns(threads::add, 2, searches::add);
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
    Turns turns = new Turns(threads::add, 1, searches::add);
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
            searches::add);
    assertThatThrownBy(() -> add(turns, Priority.SEARCH, 1))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> add(turns, Priority.SEARCH, 1))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
