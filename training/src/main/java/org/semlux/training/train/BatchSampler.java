package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.semlux.training.data.TrainingRow;

/**
 * Which rows make a batch. As many batches in each epoch; which rows they hold follows from the
 * seed and the epoch's number alone.
 */
interface BatchSampler {
  /** Batches of an epoch. */
  int count();

  /** Those of an epoch: places of rows, of all files one after the other. Never an empty batch. */
  List<List<Integer>> batches(long epoch);

  /** Of one file or several. */
  static BatchSampler of(List<List<TrainingRow>> files, TrainingArguments arguments) {
    List<BatchSampler> samplers = new ArrayList<>();
    int first = 0;
    for (List<TrainingRow> rows : files) {
      Order order = new Order(first, rows.size(), arguments);
      samplers.add(
          arguments.batchSampler == TrainingArguments.Batches.NO_DUPLICATES
              ? new NoDuplicates(rows, order, arguments.perDeviceTrainBatchSize)
              : new InOrder(order, arguments.perDeviceTrainBatchSize));
      first += rows.size();
    }
    return samplers.size() == 1 ? samplers.get(0) : new SeveralFiles(samplers, arguments);
  }

  /** A random number generator of an epoch. */
  static Random random(TrainingArguments arguments, long epoch) {
    return new Random(arguments.seed ^ ((epoch + 1) * 0x9E3779B97F4A7C15L));
  }

  /** The order in which an epoch sees a file's rows. */
  record Order(int first, int rows, TrainingArguments arguments) {
    /** Places of all of them. */
    List<Integer> of(long epoch) {
      List<Integer> order =
          IntStream.range(first, first + rows)
              .boxed()
              .collect(Collectors.toCollection(ArrayList::new));
      if (!arguments.noShuffle) {
        Collections.shuffle(order, random(arguments, epoch));
      }
      return order;
    }
  }

  /** So many rows after so many. */
  record InOrder(Order order, int size) implements BatchSampler {
    @Override
    public int count() {
      return Math.ceilDiv(order.rows(), size);
    }

    @Override
    public List<List<Integer>> batches(long epoch) {
      List<Integer> places = order.of(epoch);
      List<List<Integer>> batches = new ArrayList<>();
      for (int from = 0; from < places.size(); from += size) {
        batches.add(places.subList(from, Math.min(from + size, places.size())));
      }
      return batches;
    }
  }
}
