package org.semlux.training.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Many inputs through a model, with a progress bar.
 *
 * {@snippet lang=java :
 * ModelRun run =
 *     new ModelRun(
 *         Path.of("model"), EncoderOptions.defaults(), new PrintWriter(System.err, true));
 * try (DenseEncoder encoder = run.loadDense()) {
 *   List<String> texts = Files.readAllLines(Path.of("texts.txt"));
 *   List<DenseVector> vectors = run.encode(encoder, EncodeRequest.of(texts)); // in their order
 * }
 * }
 *
 * @param model its folder
 * @param options how to load it
 * @param err is told how far it has come
 */
public record ModelRun(Path model, EncoderOptions options, PrintWriter err) {
  public DenseEncoder loadDense() throws IOException {
    return DenseEncoder.load(model, options);
  }

  public SparseEncoder loadSparse() throws IOException {
    return SparseEncoder.load(model, options);
  }

  public MultiVectorEncoder loadMultiVector() throws IOException {
    return MultiVectorEncoder.load(model, options);
  }

  /** A model that gives pairs one score. */
  public PairScorer loadScorer() throws IOException {
    PairScorer encoder = PairScorer.load(model, options);
    if (encoder.info().labels().size() < 2) {
      return encoder;
    }
    try (encoder) {
      throw ModelException.of(
          encoder.info().name(),
          "its labels are %s: only the scores of one label can be evaluated"
              .formatted(encoder.info().labels()));
    }
  }

  /** The encodings of texts in their order; {@code request} says what the texts are. */
  public <A extends Encoding> List<A> encode(TextEncoder<A> encoder, EncodeRequest request)
      throws IOException {
    return run(
        "Encoding",
        Progress.Unit.TEXTS,
        request.texts(),
        String::length,
        slice -> encoder.submit(request.withTexts(slice)));
  }

  /** The scores of pairs in their order. */
  public double[] score(PairScorer encoder, List<TextPair> pairs) throws IOException {
    return run(
            "Scoring",
            Progress.Unit.PAIRS,
            pairs,
            ModelRun::length,
            slice -> encoder.submit(ScoreRequest.of(slice).withPriority(Priority.INGEST)))
        .stream()
        .mapToDouble(PairScore::score)
        .toArray();
  }

  /** Characters of a pair. */
  public static int length(TextPair pair) {
    return pair.first().length() + pair.second().length();
  }

  private <T, R> List<R> run(
      String task,
      Progress.Unit unit,
      List<T> inputs,
      ToIntFunction<T> length,
      Function<List<T>, CompletableFuture<List<R>>> submit)
      throws IOException {
    List<R> answers = new ArrayList<>(inputs.size());
    try (Progress progress = new Progress(err, task, unit, inputs.size())) {
      OrderedEncoding<T, R> encoding =
          new OrderedEncoding<>(
              length,
              submit,
              slice -> {
                answers.addAll(slice);
                progress.step(slice.size());
              });
      for (T input : inputs) {
        encoding.add(input);
      }
      encoding.finish();
    }
    return answers;
  }
}
