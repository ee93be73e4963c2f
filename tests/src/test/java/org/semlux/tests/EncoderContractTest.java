package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;

/**
 * What callers may rely on, whatever the encoder: it runs over every committed golden of a kind.
 *
 * @param <E> the encoder
 */
abstract class EncoderContractTest<E extends Encoder> extends GoldenEncoders<E> {
  /** What company may change where PyTorch multiplies bfloat16; seen at most is .013. */
  private static final double SUMMED_BY_PYTORCH = 0.03;

  /** How much more rounding may cost on a CPU that has no instructions for it. */
  private static final double MORE = 1.5;

  private static final String WORDS = "the dog and the cat walk by the river in the rain";

  @TestFactory
  Stream<DynamicTest> aloneEqualsBatched() throws IOException {
    return each(
        encoder -> {
          List<String> texts = corpus();
          List<float[]> together = answers(encoder, texts);
          for (int i = 0; i < texts.size(); i++) {
            assertSame(answers(encoder, texts.subList(i, i + 1)).get(0), together.get(i));
          }
        });
  }

  /**
   * What the company in a batch may change, as a share of an answer's largest number: 1e-7 or so;
   * seen at most is 1.03e-6, of the tiny DeBERTa with a convolution.
   */
  double companysShare() {
    return 2e-6;
  }

  @TestFactory
  Stream<DynamicTest> companyChangesNothing() throws IOException {
    return Stream.concat(
        each(float32(), encoder -> assertSameInCompany(encoder, companysShare())),
        each(
            float32().withPrecision(Precision.BFLOAT16),
            encoder ->
                assertSameInCompany(
                    encoder, Cpu.multipliesBfloat16() ? companysShare() : SUMMED_BY_PYTORCH)));
  }

  private void assertSameInCompany(E encoder, double share) throws IOException {
    List<String> texts = new ArrayList<>(corpus());
    Random random = new Random(11);
    for (int i = 0; i < 60; i++) {
      texts.add("the river rises after rain and the dog walks ".repeat(4).substring(0, 3 + i * 2));
    }
    List<float[]> alone = texts.stream().map(t -> answers(encoder, List.of(t)).get(0)).toList();
    for (int round = 0; round < 4; round++) {
      List<Integer> company = new ArrayList<>(IntStream.range(0, texts.size()).boxed().toList());
      Collections.shuffle(company, random);
      company.subList(0, 13 * round).clear();
      List<float[]> together = answers(encoder, company.stream().map(texts::get).toList());
      for (int i = 0; i < together.size(); i++) {
        assertThat(difference(together.get(i), alone.get(company.get(i))))
            .as("[%s] among %d", texts.get(company.get(i)), company.size())
            .isLessThanOrEqualTo(share);
      }
    }
  }

  /** Where two products of bfloat16 would be wrong alike, company tells nothing. */
  @TestFactory
  Stream<DynamicTest> bfloat16IsNearFloat32() throws IOException {
    return folders()
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> compare(folder)));
  }

  private void compare(Path folder) throws IOException {
    try (E exact = load(folder, float32());
        E rounded = load(folder, float32().withPrecision(Precision.BFLOAT16))) {
      List<float[]> expected = answers(exact, corpus());
      List<float[]> actual = answers(rounded, corpus());
      for (int i = 0; i < expected.size(); i++) {
        assertNear(Goldens.label(folder), actual.get(i), expected.get(i));
      }
    }
  }

  void assertNear(String golden, float[] bfloat16, float[] float32) {
    double share = Cpu.multipliesBfloat16() ? 1 : MORE;
    assertThat(difference(bfloat16, float32)).isLessThan(share * bfloat16Loss());
  }

  /** Of bfloat16 as {@link #int8Loss} of eight bits, whose measurements tell this one's. */
  double bfloat16Loss() {
    return 0.1;
  }

  /**
   * What eight bits may lose, as a share of an answer's largest number: the goldens' networks are
   * tiny and random. Measured at worst: less than .1 of dense encoders (bfloat16: .028), .353 of
   * sparse ones (bfloat16: .160), less than .3 of cross-encoders (bfloat16: .071).
   */
  double int8Loss() {
    return 0.3;
  }

  /** Integers round nowhere, so a text's neighbours change as little as they do in float32. */
  @TestFactory
  Stream<DynamicTest> int8IsNearFloat32AndAloneAsBatched() throws IOException {
    return folders()
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> compareInt8(folder)));
  }

  private void compareInt8(Path folder) throws IOException {
    EncoderOptions int8 = EncoderOptions.defaults().withPrecision(Precision.INT8);
    try (E exact = load(folder, float32())) {
      if (exact.info().productsPerToken() == 0 || Goldens.label(folder).contains("lstm")) {
        assertThatThrownBy(() -> load(folder, int8).close())
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("it has no precision int8");
        return;
      }
      try (E rounded = load(folder, int8)) {
        assertThat(rounded.info().precision()).isEqualTo(Precision.INT8);
        assertThat(rounded.info().bytes()).isLessThan(exact.info().bytes() * 7 / 10);
        List<String> texts = corpus();
        List<float[]> expected = answers(exact, texts);
        List<float[]> together = answers(rounded, texts);
        double worst = 0;
        for (int i = 0; i < texts.size(); i++) {
          worst = Math.max(worst, difference(together.get(i), expected.get(i)));
          assertSame(answers(rounded, texts.subList(i, i + 1)).get(0), together.get(i));
        }
        assertThat(worst).isBetween(1e-5, (Cpu.multipliesBytes() ? 1 : MORE) * int8Loss());
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> orderIsKept() throws IOException {
    return each(
        encoder -> {
          List<String> texts = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            texts.addAll(corpus());
          }
          List<Integer> order = new ArrayList<>(IntStream.range(0, texts.size()).boxed().toList());
          Collections.shuffle(order, new Random(7));
          List<float[]> plain = answers(encoder, texts);
          List<float[]> shuffled = answers(encoder, order.stream().map(texts::get).toList());
          for (int i = 0; i < order.size(); i++) {
            assertSame(shuffled.get(i), plain.get(order.get(i)));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> whatDoesNotFitIsNotRead() throws IOException {
    return each(
        encoder -> {
          // No token of these models is longer than a word, and no word has more than 40 tokens.
          boolean cuts = encoder.info().maxTokens() < Integer.MAX_VALUE;
          String filling = (WORDS + " ").repeat(cuts ? encoder.info().maxTokens() : 1);
          float[] cut = answers(encoder, List.of(filling + "warm bread")).get(0);
          float[] other = answers(encoder, List.of(filling + "cold snow")).get(0);
          assertThat(difference(cut, other) < ROUNDING).isEqualTo(cuts);
          List<float[]> whole = answers(encoder, List.of("warm bread", "cold snow"));
          assertThat(difference(whole.get(0), whole.get(1))).isGreaterThan(ROUNDING);
        });
  }

  @TestFactory
  Stream<DynamicTest> aTextWithoutWordsHasAnAnswer() throws IOException {
    return each(
        encoder -> {
          List<float[]> blank = answers(encoder, List.of("", " ", "\t\n", "\u200b"));
          int size = answers(encoder, List.of(WORDS)).get(0).length;
          for (float[] answer : blank) {
            assertThat(answer).hasSize(size);
            for (float value : answer) {
              assertThat(value).isFinite();
            }
          }
          assertThat(answers(encoder, List.of())).isEmpty();
        });
  }

  @TestFactory
  Stream<DynamicTest> theSameTextsGiveTheSameNumbers() throws IOException {
    return each(
        encoder -> {
          for (String text : corpus()) {
            List<float[]> first = answers(encoder, List.of(text));
            assertThat(answers(encoder, List.of(text)).get(0)).isEqualTo(first.get(0));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> manyCallersAtOnce() throws IOException {
    return each(
        encoder -> {
          List<String> texts = corpus();
          List<float[]> expected = answers(encoder, texts);
          List<Integer> callers = IntStream.range(0, 200).boxed().toList();
          List<CompletableFuture<List<float[]>>> running =
              callers.parallelStream()
                  .map(i -> submit(encoder, List.of(texts.get(i % texts.size()))))
                  .toList();
          for (int i = 0; i < running.size(); i++) {
            assertSame(running.get(i).join().get(0), expected.get(i % texts.size()));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aMillionCharacters() throws IOException {
    return each(
        encoder -> {
          String prose = (WORDS + " ").repeat(1_000_000 / WORDS.length());
          String unbroken = "z".repeat(1_000_000);
          List<float[]> answers = answers(encoder, List.of(prose, unbroken, WORDS));
          assertSame(answers.get(2), answers(encoder, List.of(WORDS)).get(0));
          if (encoder.info().maxTokens() < Integer.MAX_VALUE) {
            String cut = prose.substring(0, 10_000);
            assertSame(answers.get(0), answers(encoder, List.of(cut)).get(0));
          }
        });
  }

  /** For {@link ClosingTest}, which is alone: handles are counted. */
  final Stream<DynamicTest> closingWhileEncoding() throws IOException {
    return folders()
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> closeWhile(folder)));
  }

  private void closeWhile(Path folder) throws Exception {
    load(folder, EncoderOptions.defaults()).close(); // what a process opens once
    long handles = fewestHandles();
    ExecutorService compute = Executors.newFixedThreadPool(2);
    ExecutorService callbacks = Executors.newSingleThreadExecutor();
    E encoder = load(folder, float32().withWorkers(new Workers(compute, 2, callbacks)));
    float[] expected = submit(encoder, List.of(WORDS)).join().get(0);
    List<CompletableFuture<List<float[]>>> running = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      running.add(submit(encoder, List.of(WORDS)));
    }
    running.get(0).join();
    encoder.close();
    encoder.close();
    running.add(submit(encoder, List.of(WORDS)));
    compute.shutdown();
    assertThat(compute.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    callbacks.shutdown();
    assertThat(callbacks.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    for (CompletableFuture<List<float[]>> future : running) {
      assertThat(future).isDone();
      try {
        assertSame(future.join().get(0), expected);
      } catch (CompletionException e) {
        assertThat(e.getCause()).isInstanceOf(EncoderClosedException.class);
      }
    }
    assertThat(running.get(running.size() - 1)).isCompletedExceptionally();
    assertThat(Torch.openHandles()).isLessThanOrEqualTo(handles);
  }

  /** A batch's scope closes just after its answers went out, that of the test before too. */
  private static long fewestHandles() throws InterruptedException {
    long fewest = Torch.openHandles();
    for (int i = 0; i < 5; i++) {
      Thread.sleep(5);
      fewest = Math.min(fewest, Torch.openHandles());
    }
    return fewest;
  }
}
