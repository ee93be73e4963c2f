package org.semlux.training.train;

import static org.semlux.training.train.BatchTensors.named;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.semlux.encoders.program.FreedMemory;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.text.TokenBatch;

/**
 * A batch through the network, its loss, and back to the gradients of the weights: at once where
 * there is a thread for each of its parts, else twice, so that no more is held than what belongs to
 * as many parts as there are threads (GradCache, Gao et al. 2021,
 * https://arxiv.org/abs/2101.06983).
 *
 * @param table what first sequences are looked up in: the last of the weights
 * @param rowOf the row of the held word vectors that an id stands for
 * @param frozen what stands before the weights
 * @param leaves the weights, as autograd sees them
 * @param ranges of weights, one for each thread
 */
record Backpropagation(
    Program program,
    TrainingThreads threads,
    Optional<QueryTable> table,
    IntUnaryOperator rowOf,
    DropoutPools pools,
    List<PtNDArray> frozen,
    List<PtNDArray> leaves,
    List<WeightRange> ranges) {

  /**
   * Through the network and back.
   *
   * @param hyper what the loss takes
   * @param sums gets the gradients, or has some already and gets these on top
   * @param gradients owns them
   * @return the loss's parts
   */
  float[] backward(Batch batch, float[] hyper, NDList sums, NativeScope gradients) {
    return batch.parts().size() > threads.count()
        ? twice(batch, hyper, sums, gradients)
        : atOnce(batch, hyper, sums, gradients);
  }

  private float[] atOnce(Batch batch, float[] hyper, NDList sums, NativeScope gradients) {
    int parts = batch.parts().size();
    List<NativeScope> own = scopes(parts);
    try {
      List<NDList> answers =
          threads.all(parts, part -> answer(batch.parts().get(part), part, own.get(part)));
      Optional<PtNDArray> held = held(batch, own.get(0));
      NDList results = differentiate(batch, answers, held, hyper, own.get(0));
      boolean first = sums.isEmpty();
      List<NDList> sets =
          threads.all(
              parts,
              part ->
                  gradients(
                      answers.get(part),
                      results.get(part + 1),
                      first && part == 0 ? gradients : own.get(part)));
      sum(sums, sets);
      addLookedUp(held, results, sums);
      return results.get(0).toFloatArray();
    } finally {
      own.forEach(NativeScope::close);
    }
  }

  private float[] twice(Batch batch, float[] hyper, NDList sums, NativeScope gradients) {
    List<TokenBatch> parts = batch.parts();
    long[] places = pools.places();
    try (NativeScope kept = new NativeScope()) {
      List<NDList> answers = new ArrayList<>();
      List<float[]> found = threads.all(parts.size(), part -> numbers(parts.get(part), part));
      for (int part = 0; part < found.size(); part++) {
        int rows = parts.get(part).sequences();
        answers.add(new NDList(BatchTensors.floats(kept, found.get(part), rows)));
      }
      Optional<PtNDArray> held = held(batch, kept);
      NDList results = differentiate(batch, answers, held, hyper, kept);
      pools.back(places); // what was dropped before is dropped again
      for (int first = 0; first < parts.size(); first += threads.count()) {
        some(batch, first, results, sums, gradients);
      }
      addLookedUp(held, results, sums);
      return results.get(0).toFloatArray();
    }
  }

  /** As many parts as there are threads, from one on. */
  private void some(Batch batch, int from, NDList results, NDList sums, NativeScope gradients) {
    int count = Math.min(threads.count(), batch.parts().size() - from);
    List<NativeScope> own = scopes(count);
    try {
      boolean first = sums.isEmpty();
      List<NDList> sets =
          threads.all(
              count,
              i ->
                  gradients(
                      answer(batch.parts().get(from + i), from + i, own.get(i)),
                      results.get(from + i + 1),
                      first && i == 0 ? gradients : own.get(i)));
      sum(sums, sets);
    } finally {
      own.forEach(NativeScope::close);
      FreedMemory.giveBackEvery(5);
    }
  }

  private static List<NativeScope> scopes(int count) {
    return Stream.generate(NativeScope::new).limit(count).toList();
  }

  private NDList answer(TokenBatch part, int number, NativeScope own) {
    NDList list = BatchTensors.of(part, rowOf, own);
    list.addAll(frozen);
    pools.arrays(number).forEach(array -> list.add(named("fixed[]", array)));
    list.addAll(leaves);
    return program.train("answer", list, own);
  }

  /** What a part is answered with, without what its gradient needs. */
  private float[] numbers(TokenBatch part, int number) {
    try (NativeScope own = new NativeScope()) {
      return answer(part, number, own).get(0).toFloatArray();
    } finally {
      FreedMemory.giveBackEvery(5);
    }
  }

  private Optional<PtNDArray> held(Batch batch, NativeScope own) {
    return table.map(queries -> queries.held(batch.lookedUp(), own));
  }

  private void addLookedUp(Optional<PtNDArray> held, NDList results, NDList sums) {
    held.ifPresent(
        array ->
            table
                .get()
                .addGradient(
                    program, array, results.get(results.size() - 1), sums.get(sums.size() - 1)));
  }

  private NDList differentiate(
      Batch batch, List<NDList> answers, Optional<PtNDArray> held, float[] hyper, NativeScope own) {
    NDList list = new NDList();
    answers.forEach(part -> list.add(named("answers[]", part.get(0))));
    held.ifPresent(
        array -> {
          PtNDArray last = leaves.get(leaves.size() - 1);
          NDArray found = QueryTable.lookUp(program, array, last, own);
          list.add(named("answers[]", found));
          named("w[]", last);
        });
    list.add(BatchTensors.ints(own, batch.order()));
    list.add(BatchTensors.floats(own, batch.labels(), batch.rows()));
    list.add(BatchTensors.floats(own, hyper));
    return threads.all(1, one -> program.train("differentiate", list, own)).get(0);
  }

  private NDList gradients(NDList answers, NDArray gradient, NativeScope own) {
    NDList list = new NDList();
    answers.forEach(array -> list.add(named("answers[]", array)));
    list.add(named("", gradient));
    list.addAll(leaves);
    return program.train("gradients", list, own);
  }

  /**
   * Puts sets of gradients on top of the sums; where there are none yet, the first becomes them.
   */
  private void sum(NDList sums, List<NDList> sets) {
    List<NDList> more = sets;
    if (sums.isEmpty()) {
      sums.addAll(sets.get(0));
      more = sets.subList(1, sets.size());
    }
    if (!more.isEmpty()) {
      add(sums, more);
    }
  }

  private void add(NDList sums, List<NDList> more) {
    threads.all(
        ranges.size(),
        number -> {
          try (NativeScope own = new NativeScope()) {
            NDList list = new NDList();
            WeightRange range = ranges.get(number);
            range.of(sums).forEach(array -> list.add(named("sums[]", array)));
            more.forEach(set -> range.of(set).forEach(array -> list.add(named("more[]", array))));
            return program.train("sum", list, own);
          }
        });
  }
}
