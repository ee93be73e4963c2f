package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/**
 * A model's weights in the form that its program takes them: one list, made once. The owner of
 * their native memory. Nothing of the files is mapped. Read by many threads, closed by one, when
 * nobody reads any more.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * try (LoadedModel model =
 *     LoadedModel.load(folder, network, Head.of(folder, network), Precision.FLOAT32)) {
 *   Weights weights = model.weights();
 *   System.out.println(weights.count() + " tensors of " + weights.bytes() + " bytes");
 * }
 * }
 */
public final class Weights implements WeightList, AutoCloseable {
  private final NativeScope scope = new NativeScope();
  private final String model;
  private final WeightReader reader;
  private final Program program;
  private final ProductForm form;
  private final List<IValue> prepared = new ArrayList<>();
  private final List<List<IValue>> companions = new ArrayList<>();
  private IValue list;
  private final Map<Object, Long> tensors = new HashMap<>();
  private long productsPerToken;

  /**
   * @param model the model's name, for messages
   * @param program one with the fragment {@code weights} and those of the form
   * @param form what its products take
   */
  public Weights(String model, Program program, ProductForm form) {
    this.model = model;
    this.form = form;
    this.reader = new WeightReader(model);
    this.program = program;
  }

  /** Reads and prepares parameters one at a time, so that a model is never twice in memory. */
  @Override
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    List<Parameter> stored = Parameter.in(parameters, source, prefix);
    reader.refuseMoreLayers(stored, source, prefix);
    for (Parameter parameter : stored) {
      giveUpIfInterrupted();
      try (NativeScope files = new NativeScope()) {
        prepare(parameter, source, prefix, files);
        countProducts(parameter);
      }
    }
  }

  /** Whoever loads a model that nobody wants any more is interrupted. */
  private void giveUpIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("loading model [" + model + "] was interrupted");
    }
  }

  private void countProducts(Parameter parameter) {
    productsPerToken += parameter.role() == Parameter.Role.LINEAR ? parameter.size() : 0;
  }

  @Override
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    reader.checkShape(parameter, source, prefix);
    StoredTensor whole = reader.find(parameter.names().get(0), source, prefix);
    for (long row = 0; row < parameter.shape()[0]; row += rows) {
      giveUpIfInterrupted();
      try (NativeScope files = new NativeScope()) {
        StoredTensor tile = whole.rows(row, Math.min(row + rows, parameter.shape()[0]));
        prepare(parameter, files, toValue(tile, files));
      }
    }
    count(whole);
    countProducts(parameter);
  }

  private void prepare(Parameter parameter, TensorSource source, String prefix, NativeScope files) {
    List<StoredTensor> stored =
        parameter.names().stream().map(name -> reader.find(name, source, prefix)).toList();
    stored.forEach(this::count);
    IValue[] parts = stored.stream().map(tensor -> toValue(tensor, files)).toArray(IValue[]::new);
    reader.checkShape(parameter, source, prefix);
    prepare(parameter, files, parts);
  }

  /** A decoder that is tied to the word embedding is no parameter more. */
  private void count(StoredTensor tensor) {
    tensors.put(tensor.place(), tensor.elements());
  }

  private static IValue toValue(StoredTensor tensor, NativeScope files) {
    return files.own(IValue.from(WeightReader.array(tensor, files)));
  }

  private void prepare(Parameter parameter, NativeScope files, IValue... parts) {
    IValue list = files.own(IValue.listFrom(parts));
    if (!files.own(program.run("finite", list)).toBoolean()) {
      throw ModelException.of(model, "weight " + parameter + " holds NaN or infinite numbers");
    }
    if (parameter.role() == Parameter.Role.LINEAR) {
      List<IValue> product = form.prepare(program, list, prepared.size(), scope);
      prepared.add(product.get(0));
      companions.add(product.subList(1, product.size()));
    } else {
      IValue role = files.own(IValue.from(form.role(parameter.role())));
      prepared.add(scope.own(program.run("prepare", list, role)));
      companions.add(List.of());
    }
  }

  /**
   * The prepared weights, in the order they were added, as a program's argument: then as many
   * tensors for each that a product has beside its weight, empty where there is no product.
   */
  public synchronized IValue list() {
    if (list == null) {
      List<IValue> all = new ArrayList<>(prepared);
      IValue none = scope.floats(new float[0], 0);
      for (int i = 0; i < form.companions(); i++) {
        for (List<IValue> own : companions) {
          all.add(own.isEmpty() ? none : own.get(i));
        }
      }
      list = scope.own(IValue.listFrom(all.toArray(new IValue[0])));
    }
    return list;
  }

  /** Native memory that they take. */
  public long bytes() {
    try (NativeScope counting = new NativeScope()) {
      return counting.own(program.run("bytes", list())).toLong();
    }
  }

  /** How many there are: the place of the next one. */
  public int count() {
    return prepared.size();
  }

  /** Numbers of each stored tensor that they are made of, by {@link StoredTensor#place}. */
  public Map<Object, Long> tensors() {
    return Map.copyOf(tensors);
  }

  /** Multiply-adds of a row that goes through every served matrix product once, as tokens do. */
  public long productsPerToken() {
    return productsPerToken;
  }

  /** Gives their memory back to the system. */
  @Override
  public void close() {
    scope.close();
    FreedMemory.giveBack();
  }
}
