package org.semlux.encoders.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.WeightBytes;
import org.semlux.encoders.text.SequenceLength;

/**
 * The memory outside of Java's heap that a model will take, told from its folder before anything is
 * loaded: rather too much than too little. {@code tests/.../MemoryFigures} holds it against what a
 * process really takes.
 *
 * {@snippet lang=java :
 * MemoryNeed need = MemoryNeed.of(Path.of("model"), EncoderOptions.defaults());
 * long loading = need.whileLoading(); // bytes at the most until it is loaded
 * long serving = need.loaded() + need.batches(); // bytes while all threads work
 * }
 *
 * @param weights bytes of the weights as they are served
 * @param fixed bytes of tokenizer and program
 * @param loading bytes that loading takes beside both for a while
 * @param batches bytes of batches on all threads at once, and of what oneDNN keeps of their
 *     products: models that share threads share these
 */
public record MemoryNeed(long weights, long fixed, long loading, long batches) {
  /** Nothing at all. */
  public static final MemoryNeed NONE = new MemoryNeed(0, 0, 0, 0);

  /** Of a compiled program. */
  private static final long PROGRAM = 24L << 20;

  /** What oneDNN keeps of the last thousand products of all models, one for each count of rows. */
  private static final long KERNELS = 64L << 20;

  /** The same in bfloat16, where AMX's kernels take more: some 200 MB were seen. */
  private static final long WIDE_KERNELS = 256L << 20;

  /** That a thread's batches leave to the next ones until it is given back. */
  private static final long KEPT_BY_THREAD = 40L << 20;

  /** What a tokenizer takes for a byte of its file: vocabulary, merges, caches. */
  private static final int TOKENIZER = 12;

  /** Numbers a token that are alive at once, in float32, for each of a row of its state. */
  private static final int STATES = 16;

  /** The same for each of a row of its widest product. */
  private static final int PRODUCTS = 6;

  /** Longer texts are worked on in less memory a token, or are rarer than that. */
  private static final int MOST_TOKENS = 1 << 13;

  /**
   * Estimates what a folder's model will take. Reads configs and headers alone.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws org.semlux.encoders.api.ModelException when the model cannot be used
   */
  public static MemoryNeed of(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    MemoryNeed all = NONE;
    Set<List<ModelFolder.Module>> seen = new LinkedHashSet<>();
    for (ModelFolder route : Router.of(folder).routes().values()) {
      if (seen.add(route.modules())) {
        all = all.plus(ofRoute(route, options));
      }
    }
    return all;
  }

  private static MemoryNeed ofRoute(ModelFolder route, EncoderOptions options) throws IOException {
    ModelFolder.Module first = route.modules().get(0);
    return first.type().equals("SparseStaticEmbedding")
        ? new MemoryNeed(0, tokenizer(first), 0, 0) // its weights are in the heap
        : of(route, options);
  }

  private static MemoryNeed of(ModelFolder folder, EncoderOptions options) throws IOException {
    Network network = Networks.of(folder);
    Head head = Head.of(folder, network);
    Precision precision = network.precision(FastestPrecision.SERVING.resolve(options.precision()));
    WeightBytes served = count(folder, network, head, precision);
    long tokens =
        Math.max(
            options.limits().tokens(),
            Math.min(SequenceLength.longest(folder, network), MOST_TOKENS));
    long row = (long) STATES * network.hidden() + PRODUCTS * served.widest();
    long batch = KEPT_BY_THREAD + (tokens * row + pairs(folder, network, options)) * Float.BYTES;
    long loading = 2 * served.largest(); // as it is read, and as it is served
    long fixed = PROGRAM + tokenizer(folder.modules().get(0));
    if (precision == Precision.INT8) { // made of what a float32 model says to some texts
      batch += batch / 2;
      long exact = count(folder, network, head, Precision.FLOAT32).bytes() + fixed;
      loading += exact + served.noted() + batch;
    }
    long kernels = precision == Precision.BFLOAT16 ? WIDE_KERNELS : KERNELS;
    return new MemoryNeed(
        served.bytes(), fixed, loading, options.workers().parallelism() * batch + kernels);
  }

  /** Numbers for the pairs of tokens of a batch's texts, which are most where these are longest. */
  private static long pairs(ModelFolder folder, Network network, EncoderOptions options)
      throws IOException {
    if (network.numbersOfPairs() == 0) {
      return 0;
    }
    long longest = Math.min(SequenceLength.cut(folder, network), MOST_TOKENS);
    return network.numbersOfPairs() * longest * Math.max(longest, options.limits().tokens());
  }

  private static WeightBytes count(
      ModelFolder folder, Network network, Head head, Precision precision) throws IOException {
    WeightBytes bytes = new WeightBytes(precision);
    bytes.add(network.parameters(), folder.weights(network.modules()), network.prefix());
    head.addTo(bytes);
    return bytes;
  }

  private static long tokenizer(ModelFolder.Module module) throws IOException {
    Path file = module.folder().resolve("tokenizer.json");
    return TOKENIZER * (Files.isRegularFile(file) ? Files.size(file) : 1L << 20);
  }

  private MemoryNeed plus(MemoryNeed other) {
    return new MemoryNeed(
        weights + other.weights,
        fixed + other.fixed,
        loading + other.loading,
        Math.max(batches, other.batches));
  }

  /** Once it is loaded, without batches. */
  public long loaded() {
    return weights + fixed;
  }

  /** While it is being loaded and tried, without batches. */
  public long whileLoading() {
    return weights + fixed + loading;
  }
}
