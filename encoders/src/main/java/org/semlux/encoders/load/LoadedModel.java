package org.semlux.encoders.load;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.Constants;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.FreedMemory;
import org.semlux.encoders.program.Int8Form;
import org.semlux.encoders.program.IntegerProducts;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.ObservedForm;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProductForm;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.PromisedWeights;
import org.semlux.encoders.program.ScalarType;
import org.semlux.encoders.program.ServedProducts;
import org.semlux.encoders.program.Weights;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;

/**
 * What every kind of encoder has: a tokenizer, a compiled program and its weights. The owner of a
 * model's native memory. Runs on many threads at once; closed when nothing runs any more.
 *
 * @param precision the one in use, never AUTO
 */
public record LoadedModel(
    Tokenizer tokenizer, Program program, Weights weights, Precision precision)
    implements AutoCloseable {
  /** Of a batch that nobody waits for. */
  private static final int BATCH_TOKENS = 512;

  /**
   * Compiles a network with a head and reads the weights of both, once all that the config promises
   * has been found in the files. Gives up with {@link java.util.concurrent.CancellationException}
   * when its thread is interrupted.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when config, tokenizer and weights disagree
   */
  public static LoadedModel load(ModelFolder folder, Network network, Head head, Precision wanted)
      throws IOException {
    return load(folder, network, head, wanted, Optional.empty());
  }

  /**
   * The same with texts of the caller's choice for what {@link Precision#INT8} rounds.
   *
   * @throws ModelException also when the network has no products to make in the wanted precision
   */
  public static LoadedModel load(
      ModelFolder folder,
      Network network,
      Head head,
      Precision wanted,
      Optional<Calibration> calibration)
      throws IOException {
    PromisedWeights promised = new PromisedWeights(folder.name());
    promised.add(
        network.parameters(), head.bodyOf(folder.weights(network.modules())), network.prefix());
    head.addTo(promised);
    Precision precision = network.precision(FastestPrecision.SERVING.resolve(wanted));
    if (wanted == Precision.INT8 && precision != wanted) {
      throw ModelException.of(
          folder.name(), "it has no precision int8, all it computes in is " + precision);
    }
    if (precision != Precision.INT8) {
      return load(folder, network, head, precision, ProductForm.PACKED);
    }
    ObservedForm observed = new ObservedForm();
    try (LoadedModel exact = load(folder, network, head, Precision.FLOAT32, observed)) {
      Calibration texts = calibration.isPresent() ? calibration.get() : Calibration.of(folder);
      exact.encodeAll(texts.sequences(folder, exact.tokenizer, head.readsPairs()));
      return load(folder, network, head, precision, new Int8Form(observed));
    }
  }

  private static LoadedModel load(
      ModelFolder folder, Network network, Head head, Precision precision, ProductForm form)
      throws IOException {
    Tokenizer tokenizer = Tokenizers.of(folder, network);
    Program program = null;
    Weights weights = null;
    LoadedModel model = null;
    try {
      program = Program.compile(text(network, head, precision, form));
      weights = new Weights(folder.name(), program, form);
      weights.add(
          network.parameters(), head.bodyOf(folder.weights(network.modules())), network.prefix());
      head.addTo(weights);
      model = new LoadedModel(tokenizer, program, weights, precision);
      return model;
    } finally {
      if (model == null) { // whatever was thrown: nodes survive errors too
        closeAll(weights, program, tokenizer);
      }
    }
  }

  static ProgramText text(Network network, Head head, Precision precision, ProductForm form) {
    Map<String, Object> constants = network.allConstants();
    constants.putAll(Constants.of(precision));
    ScalarType type = ScalarType.of(precision);
    constants.put("fewest_rows", fewestRows(network, head, type));
    ProgramText text = ProgramText.empty();
    for (String fragment :
        List.of(ServedProducts.fragment(type), form.fragment(), "serving", "weights", "groups")) {
      text.add(fragment, constants);
    }
    if (precision == Precision.INT8) {
      IntegerProducts integers = IntegerProducts.here();
      constants.putAll(integers.constants());
      text.add(integers.fragment(), constants).add("weights-int8", constants);
    }
    network.fragments().forEach(fragment -> text.add(fragment, constants));
    head.addTo(text, network.parameters().size(), precision);
    return text;
  }

  /**
   * Scores rank: not even their last digit may depend on the company. Vectors may move by 1e-7, as
   * they do where float32 rounds, but not by what bfloat16 does.
   */
  private static int fewestRows(Network network, Head head, ScalarType type) {
    if (!head.readsPairs() && type == ScalarType.FLOAT32) {
      return 0;
    }
    return network.parameters().stream()
        .filter(parameter -> parameter.role() == Parameter.Role.LINEAR)
        .mapToInt(weight -> ServedProducts.fewestRows(type, weight.shape()[1], weight.shape()[0]))
        .max()
        .orElse(0);
  }

  /** Encodes sequences sorted by length for what the program notes of them. */
  private void encodeAll(List<Tokens> sequences) {
    int from = 0;
    int tokens = 0;
    for (int to = 0; to < sequences.size(); to++) {
      tokens += sequences.get(to).length();
      if (tokens >= BATCH_TOKENS || to + 1 == sequences.size()) {
        try (NativeScope scope = new NativeScope()) {
          encode(TokenBatch.of(sequences.subList(from, to + 1)), scope);
        }
        from = to + 1;
        tokens = 0;
      }
    }
  }

  /**
   * Runs the program's {@code encode} on a batch.
   *
   * @param scope owns the arguments and the result
   * @return what the head's {@code encode} returns
   */
  public IValue encode(TokenBatch batch, NativeScope scope) {
    int tokens = batch.tokens();
    long[] groups =
        batch.groupsOfEqualLength().stream()
            .flatMapToLong(
                group -> LongStream.of(group.sequences(), group.longest(), group.tokens()))
            .toArray();
    IValue answer =
        scope.own(
            program.run(
                "encode",
                scope.ints(batch.tokenRows(3), 3, tokens),
                scope.ints(batch.sequenceRows(), 3, batch.sequences()),
                scope.own(IValue.listFrom(groups)),
                weights.list()));
    FreedMemory.giveBackEvery(1);
    return answer;
  }

  @Override
  public void close() {
    closeAll(weights, program, tokenizer);
  }

  private static void closeAll(Weights weights, Program program, Tokenizer tokenizer) {
    if (weights != null) {
      weights.close();
    }
    if (program != null) {
      program.close();
    }
    tokenizer.close();
  }
}
