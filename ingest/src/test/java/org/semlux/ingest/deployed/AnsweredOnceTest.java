package org.semlux.ingest.deployed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.Encoder;

class AnsweredOnceTest {
  private static final EncoderSource MODELS = id -> (Encoder) null;

  @BeforeAll
  static void log() {
    LogConfigurator.configureESLogging(); // its exceptions log
    Configurator.setLevel(AnsweredOnce.class, Level.OFF);
    Configurator.setLevel(EncoderFailures.class, Level.OFF);
  }

  /** What an end was told, in order. */
  private static final class End implements ActionListener<Integer> {
    private final Queue<Object> told = new ConcurrentLinkedQueue<>();
    private final boolean throwsFirst;

    /**
     * @param throwsFirst before it has answered
     */
    End(boolean throwsFirst) {
      this.throwsFirst = throwsFirst;
    }

    @Override
    public void onResponse(Integer answer) {
      if (throwsFirst) {
        throw new StackOverflowError("at the end");
      }
      told.add(answer);
    }

    @Override
    public void onFailure(Exception e) {
      told.add(e);
    }
  }

  @Test
  void anErrorBehindAnAnswerIsTold() {
    End end = new End(false);
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    EncoderCalls.call(
        MODELS,
        "tiny",
        model -> answer,
        new ThreadContext(Settings.EMPTY),
        end.<Integer>map(
            given -> {
              throw new StackOverflowError("of a long answer");
            }));
    answer.complete(1);
    assertThat(end.told)
        .singleElement()
        .isInstanceOfSatisfying(
            ElasticsearchStatusException.class,
            e -> {
              assertThat(e.status()).isEqualTo(RestStatus.INTERNAL_SERVER_ERROR);
              assertThat(e.getMessage())
                  .isEqualTo(
                      "the node could not answer: StackOverflowError (more in the node's log)");
            });
  }

  @Test
  void anErrorBehindModelsThatGetReadyIsTold() {
    End end = new End(false);
    CompletableFuture<Void> ready = new CompletableFuture<>();
    EncoderSource late =
        new EncoderSource() {
          @Override
          public Encoder encoder(String modelId) {
            return null;
          }

          @Override
          public CompletableFuture<Void> ready(String modelId) {
            return ready;
          }
        };
    EncoderCalls.whenReady(
        late,
        List.of("tiny"),
        new ThreadContext(Settings.EMPTY),
        end.<Void>map(
            unused -> {
              throw new AssertionError("on the way to the model");
            }));
    assertThat(end.told).isEmpty();
    ready.complete(null);
    assertThat(end.told).singleElement().isInstanceOf(ElasticsearchStatusException.class);
  }

  /** Ways of steps one behind the other, any of which may throw anything or be told twice. */
  @Test
  void whateverIsThrownEachRequestIsAnsweredOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int seed = 0; seed < 500; seed++) {
        Random random = new Random(seed);
        End end = new End(random.nextInt(4) == 0);
        ActionListener<Integer> way = AnsweredOnce.of(end);
        int steps = 1 + random.nextInt(5);
        for (int i = 0; i < steps; i++) {
          way = step(random, way);
        }
        CompletableFuture<Integer> first = new CompletableFuture<>();
        AnsweredOnce.when(first, AnsweredOnceTest::exception, way);
        end(random, threads, first).get(1, TimeUnit.MINUTES);
        for (int millis = 0; end.told.isEmpty() && millis < 10_000; millis++) {
          Thread.sleep(1);
        }
        assertThat(end.told).as("seed %s", seed).hasSize(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static CompletableFuture<?> end(
      Random random, ExecutorService threads, CompletableFuture<Integer> future) {
    boolean fails = random.nextInt(4) == 0;
    return CompletableFuture.runAsync(
        () -> {
          if (fails) {
            future.completeExceptionally(new OutOfMemoryError("made up"));
          } else {
            future.complete(1);
          }
        },
        threads);
  }

  private static ActionListener<Integer> step(Random random, ActionListener<Integer> next) {
    int thrown = random.nextInt(12);
    int asked = 1 + random.nextInt(3);
    return switch (random.nextInt(5)) {
      case 0 -> next.map(given -> passed(given, thrown));
      case 1 -> next.delegateFailureAndWrap((l, given) -> l.onResponse(passed(given, thrown)));
      case 2 -> // told twice by who does not know that it was told
          next.delegateFailureAndWrap(
              (l, given) -> {
                ActionListener<Integer> once = AnsweredOnce.of(l);
                once.onResponse(given);
                once.onResponse(passed(given, thrown));
              });
      case 3 -> // another future behind this one
          next.delegateFailureAndWrap(
              (l, given) ->
                  AnsweredOnce.when(
                      CompletableFuture.supplyAsync(() -> passed(given, thrown)),
                      AnsweredOnceTest::exception,
                      l));
      default -> // several, all of which are wanted
          next.delegateFailureAndWrap(
              (l, given) -> {
                ActionListener<Void> all =
                    AnsweredOnce.of(l.<Void>map(unused -> passed(given, thrown)));
                try (RefCountingListener counted = new RefCountingListener(all)) {
                  for (int i = 0; i < asked; i++) {
                    AnsweredOnce.when(
                        CompletableFuture.supplyAsync(() -> passed(given, thrown + 1)),
                        AnsweredOnceTest::exception,
                        counted.acquire().<Integer>map(unused -> null));
                  }
                }
              });
    };
  }

  private static Integer passed(Integer given, int thrown) {
    switch (thrown) {
      case 0 -> throw new StackOverflowError("made up");
      case 1 -> throw new AssertionError("made up");
      case 2 -> throw new IllegalStateException("made up");
      default -> {
        return given;
      }
    }
  }

  private static Exception exception(Throwable e) {
    return EncoderFailures.withStatus("tiny", e);
  }
}
