package org.semlux.training.train;

import static org.semlux.training.train.BatchTensors.named;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.semlux.encoders.program.FreedMemory;
import org.semlux.encoders.program.NativeScope;
import org.semlux.training.train.Batch.Part;

/**
 * A batch through the networks, its loss, and back to the gradients of the weights: at once where
 * there is a thread for each part of a network, else twice, so that no more is held than what
 * belongs to as many parts as there are threads (GradCache, Gao et al. 2021,
 * https://arxiv.org/abs/2101.06983).
 *
 * @param table what first sequences are looked up in: the last of the weights
 */
record Backpropagation(
    TrainingThreads threads, Optional<QueryTable> table, DropoutPools pools, List<Pass> passes) {
  /**
   * A network.
   *
   * @param leaves its weights, as autograd sees them
   * @param ranges of them, one for each thread
   */
  record Pass(TrainedNetwork network, List<PtNDArray> leaves, List<WeightRange> ranges) {
    NDList train(String method, NDList list, NativeScope own) {
      return network.program().train(method, list, own);
    }
  }

  /** No gradients yet, of each network. */
  List<NDList> none() {
    return passes.stream().map(pass -> new NDList()).toList();
  }

  /**
   * Through the networks and back.
   *
   * @param hyper what the loss takes
   * @param sums of each network get the gradients, or have some already and get these on top
   * @param gradients owns them
   * @return the loss's parts
   */
  float[] backward(Batch batch, float[] hyper, List<NDList> sums, NativeScope gradients) {
    return batch.mostParts() > threads.count()
        ? twice(batch, hyper, sums, gradients)
        : atOnce(batch, hyper, sums, gradients);
  }

  private float[] atOnce(Batch batch, float[] hyper, List<NDList> sums, NativeScope gradients) {
    int parts = batch.parts().size();
    List<NativeScope> own = scopes(parts);
    try {
      List<NDList> answers =
          threads.all(parts, part -> answer(batch.parts().get(part), part, own.get(part)));
      Optional<PtNDArray> held = held(batch, own.get(0));
      NDList results = differentiate(batch, answers, held, hyper, own.get(0));
      List<NativeScope> owners = owners(batch.parts(), sums, own, gradients);
      List<NDList> sets =
          threads.all(
              parts,
              part ->
                  gradients(
                      batch.parts().get(part),
                      answers.get(part),
                      results.get(part + 1),
                      owners.get(part)));
      sum(sums, batch.parts(), sets);
      addLookedUp(held, results, sums);
      return results.get(0).toFloatArray();
    } finally {
      own.forEach(NativeScope::close);
    }
  }

  private float[] twice(Batch batch, float[] hyper, List<NDList> sums, NativeScope gradients) {
    List<Part> parts = batch.parts();
    long[] places = pools.places();
    try (NativeScope kept = new NativeScope()) {
      List<NDList> answers = new ArrayList<>();
      List<float[]> found = threads.all(parts.size(), part -> numbers(parts.get(part), part));
      for (int part = 0; part < found.size(); part++) {
        int rows = parts.get(part).sequences().sequences();
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
  private void some(
      Batch batch, int from, NDList results, List<NDList> sums, NativeScope gradients) {
    List<Part> parts =
        batch.parts().subList(from, Math.min(from + threads.count(), batch.parts().size()));
    List<NativeScope> own = scopes(parts.size());
    try {
      List<NativeScope> owners = owners(parts, sums, own, gradients);
      List<NDList> sets =
          threads.all(
              parts.size(),
              i ->
                  gradients(
                      parts.get(i),
                      answer(parts.get(i), from + i, own.get(i)),
                      results.get(from + i + 1),
                      owners.get(i)));
      sum(sums, parts, sets);
    } finally {
      own.forEach(NativeScope::close);
      FreedMemory.giveBackEvery(5);
    }
  }

  private static List<NativeScope> scopes(int count) {
    return Stream.generate(NativeScope::new).limit(count).toList();
  }

  /** Who owns each part's gradients: a network's first ones become its sums, and last. */
  private static List<NativeScope> owners(
      List<Part> parts, List<NDList> sums, List<NativeScope> own, NativeScope gradients) {
    List<NativeScope> owners = new ArrayList<>(own);
    for (int network = 0; network < sums.size(); network++) {
      int first = parts.stream().map(Part::network).toList().indexOf(network);
      if (sums.get(network).isEmpty() && first >= 0) {
        owners.set(first, gradients);
      }
    }
    return owners;
  }

  private NDList answer(Part part, int number, NativeScope own) {
    Pass pass = passes.get(part.network());
    NDList list = BatchTensors.of(part.sequences(), pass.network.rowOf(), own);
    pools.arrays(number).forEach(array -> list.add(named("fixed[]", array)));
    list.addAll(pass.leaves);
    return pass.train("answer", list, own);
  }

  /** What a part is answered with, without what its gradient needs. */
  private float[] numbers(Part part, int number) {
    try (NativeScope own = new NativeScope()) {
      return answer(part, number, own).get(0).toFloatArray();
    } finally {
      FreedMemory.giveBackEvery(5);
    }
  }

  private Optional<PtNDArray> held(Batch batch, NativeScope own) {
    return table.map(queries -> queries.held(batch.lookedUp(), own));
  }

  private void addLookedUp(Optional<PtNDArray> held, NDList results, List<NDList> sums) {
    NDList documents = sums.get(0);
    held.ifPresent(
        array ->
            table
                .get()
                .addGradient(
                    passes.get(0).network.program(),
                    array,
                    results.get(results.size() - 1),
                    documents.get(documents.size() - 1)));
  }

  private NDList differentiate(
      Batch batch, List<NDList> answers, Optional<PtNDArray> held, float[] hyper, NativeScope own) {
    Pass documents = passes.get(0);
    NDList list = new NDList();
    answers.forEach(part -> list.add(named("answers[]", part.get(0))));
    held.ifPresent(
        array -> {
          PtNDArray last = documents.leaves.get(documents.leaves.size() - 1);
          NDArray found = QueryTable.lookUp(documents.network.program(), array, last, own);
          list.add(named("answers[]", found));
          named("w[]", last);
        });
    list.add(BatchTensors.ints(own, batch.order()));
    list.add(BatchTensors.floats(own, batch.labels(), batch.rows()));
    list.add(BatchTensors.floats(own, hyper));
    return threads.all(1, one -> documents.train("differentiate", list, own)).get(0);
  }

  private NDList gradients(Part part, NDList answers, NDArray gradient, NativeScope own) {
    Pass pass = passes.get(part.network());
    NDList list = new NDList();
    answers.forEach(array -> list.add(named("answers[]", array)));
    list.add(named("", gradient));
    list.addAll(pass.leaves);
    return pass.train("gradients", list, own);
  }

  /** Puts the gradients that parts ask for on top of the sums of their networks. */
  private void sum(List<NDList> sums, List<Part> parts, List<NDList> sets) {
    for (int network = 0; network < sums.size(); network++) {
      List<NDList> own = new ArrayList<>();
      for (int i = 0; i < sets.size(); i++) {
        if (parts.get(i).network() == network) {
          own.add(sets.get(i));
        }
      }
      if (!own.isEmpty() && sums.get(network).isEmpty()) {
        sums.get(network).addAll(own.remove(0));
      }
      if (!own.isEmpty()) {
        add(passes.get(network), sums.get(network), own);
      }
    }
  }

  private void add(Pass pass, NDList sums, List<NDList> more) {
    threads.all(
        pass.ranges.size(),
        number -> {
          try (NativeScope own = new NativeScope()) {
            NDList list = new NDList();
            WeightRange range = pass.ranges.get(number);
            range.of(sums).forEach(array -> list.add(named("sums[]", array)));
            more.forEach(set -> range.of(set).forEach(array -> list.add(named("more[]", array))));
            return pass.train("sum", list, own);
          }
        });
  }

  /** Gradients of all weights, in their order; of what networks share, the sum of both. */
  NDList together(List<NDList> sums) {
    Map<Integer, NDArray> all = new TreeMap<>();
    for (int network = 0; network < sums.size(); network++) {
      Pass pass = passes.get(network);
      for (int i = 0; i < sums.get(network).size(); i++) {
        NDArray own = sums.get(network).get(i);
        NDArray other = all.putIfAbsent(pass.network.weights().get(i), own);
        if (other != null) {
          try (NativeScope scope = new NativeScope()) {
            pass.train("sum", new NDList(named("sums[]", other), named("more[]", own)), scope);
          }
        }
      }
    }
    return new NDList(all.values().toArray(NDArray[]::new));
  }
}
