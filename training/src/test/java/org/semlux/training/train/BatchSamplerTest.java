package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.semlux.training.data.TrainingRow;

/** Rows 0 to 9 are of the first file, 10 to 12 of the second; batches hold two. */
class BatchSamplerTest {
  private final TrainingArguments arguments = new TrainingArguments();

  @BeforeEach
  void two() {
    arguments.perDeviceTrainBatchSize = 2;
  }

  private BatchSampler sampler() {
    return BatchSampler.of(List.of(rows(10), rows(3)), arguments);
  }

  private static List<TrainingRow> rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new TrainingRow(List.of("a" + i, "b" + i), List.of()))
        .toList();
  }

  private static String files(List<List<Integer>> batches) {
    StringBuilder files = new StringBuilder();
    for (List<Integer> batch : batches) {
      assertThat(batch.stream().map(row -> row < 10).distinct()).as("of one file").hasSize(1);
      files.append(batch.get(0) < 10 ? 'a' : 'b');
    }
    return files.toString();
  }

  @Test
  void inProportionAllOfEachInRandomOrder() {
    BatchSampler sampler = sampler();
    assertThat(sampler.count()).isEqualTo(5 + 2);
    for (long epoch = 0; epoch < 20; epoch++) {
      List<List<Integer>> batches = sampler.batches(epoch);
      assertThat(batches.stream().flatMap(List::stream))
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 13).boxed().toList());
      assertThat(files(batches)).matches("[ab]{7}").hasSize(7);
      assertThat(sampler.batches(epoch)).as("the same when asked again").isEqualTo(batches);
    }
    assertThat(IntStream.range(0, 20).mapToObj(epoch -> files(sampler.batches(epoch))).distinct())
        .hasSizeGreaterThan(5);
  }

  @Test
  void inTurnUntilTheFirstHasNoMore() {
    arguments.multiDatasetBatchSampler = TrainingArguments.SeveralDatasets.ROUND_ROBIN;
    BatchSampler sampler = sampler();

    assertThat(sampler.count()).isEqualTo(4);
    assertThat(files(sampler.batches(0))).isEqualTo("abab");
    assertThat(sampler.batches(0)).isNotEqualTo(sampler.batches(1));
  }

  @Test
  void withoutShufflingFilesFollowEachOther() {
    arguments.noShuffle = true;

    assertThat(files(sampler().batches(3))).isEqualTo("aaaaabb");
    assertThat(sampler().batches(3).get(1)).containsExactly(2, 3);
  }

  /**
   * By what they are said to be: in its order, each row goes into the first batch with room that
   * has none of its texts.
   */
  @Test
  void withoutDuplicatesRowsWaitInTheirOrder() {
    Random random = new Random(5);
    arguments.batchSampler = TrainingArguments.Batches.NO_DUPLICATES;
    for (int file = 0; file < 300; file++) {
      int texts = 1 + random.nextInt(40);
      List<TrainingRow> rows =
          IntStream.range(0, 1 + random.nextInt(60))
              .mapToObj(
                  row ->
                      new TrainingRow(
                          IntStream.range(0, 2 + row % 3)
                              .mapToObj(i -> "text " + random.nextInt(texts))
                              .toList(),
                          List.of()))
              .toList();
      arguments.perDeviceTrainBatchSize = 1 + random.nextInt(9);
      List<Integer> order = new BatchSampler.Order(0, rows.size(), arguments).of(file);
      List<List<Integer>> batches = BatchSampler.of(List.of(rows), arguments).batches(file);
      for (List<Integer> batch : batches) {
        List<Integer> expected = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int row : List.copyOf(order)) {
          if (expected.size() < arguments.perDeviceTrainBatchSize
              && Collections.disjoint(rows.get(row).texts(), seen)) {
            expected.add(row);
            seen.addAll(rows.get(row).texts());
          }
        }
        assertThat(batch).isEqualTo(expected);
        order.removeAll(expected);
      }
      assertThat(batches).hasSize(Math.ceilDiv(rows.size(), arguments.perDeviceTrainBatchSize));
    }
  }

  /** Minutes, if each batch looked at all rows that wait. */
  @Test
  @Timeout(20)
  void fewTextsOnManyRows() {
    arguments.batchSampler = TrainingArguments.Batches.NO_DUPLICATES;
    arguments.perDeviceTrainBatchSize = 64;
    List<TrainingRow> rows =
        IntStream.range(0, 200_000)
            .mapToObj(i -> new TrainingRow(List.of("text " + i, "label " + i % 20), List.of()))
            .toList();
    List<List<Integer>> batches = BatchSampler.of(List.of(rows), arguments).batches(0);

    assertThat(batches).hasSize(200_000 / 64).allMatch(batch -> batch.size() == 20);
  }
}
