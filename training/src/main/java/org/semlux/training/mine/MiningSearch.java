package org.semlux.training.mine;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.training.run.OrderedEncoding;
import org.semlux.training.run.Progress;

/**
 * Queries and a corpus through a bi-encoder, and the corpus searched for each query.
 *
 * {@snippet lang=java :
 * List<TrainingRow> rows =
 *     List.of(new TrainingRow(List.of("Who plays?", "A man plays."), List.of()));
 * MiningData data = MiningData.of(rows, CorpusTexts.read(Path.of("corpus.jsonl")));
 * Path model = Path.of("model");
 * EncoderOptions options = EncoderOptions.defaults();
 * PrintWriter err = new PrintWriter(System.err, true);
 * try (DenseEncoder encoder = DenseEncoder.load(model, options)) {
 *   KeptNumbers kept =
 *       KeptNumbers.of(Path.of("work"), model, encoder.info(), options.calibration());
 *   var search = new MiningSearch(encoder, kept, true, err);
 *   List<Candidates> found = search.search(data, 50); // the nearest 50 of each query
 * }
 * }
 *
 * @param kept what the encoder has done, asked in no way yet
 * @param cosine whether vectors are compared by cosine; else by dot product
 */
public record MiningSearch(
    DenseEncoder encoder, KeptNumbers kept, boolean cosine, PrintWriter err) {
  /** The nearest documents of each query, and how near its positives are. */
  public List<Candidates> search(MiningData mining, int count) throws IOException {
    float[][] documents = vectors(mining.corpus(), InputType.DOCUMENT);
    float[][] queries = vectors(mining.queries(), InputType.QUERY);
    List<NearestDocuments.Nearest> nearest;
    try (Progress progress =
        new Progress(err, "Searching", Progress.Unit.TEXTS, mining.queries().size())) {
      nearest = new NearestDocuments(queries, documents, count).search(progress::step);
    }
    List<Candidates> all = new ArrayList<>();
    for (int query = 0; query < queries.length; query++) {
      List<Integer> positives = mining.positives().get(query);
      float[] scores = new float[positives.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = dot(queries[query], documents[positives.get(i)]);
      }
      all.add(new Candidates(nearest.get(query).documents(), nearest.get(query).scores(), scores));
    }
    return all;
  }

  /** Vectors in the order of the texts, of length 1 where they are compared by cosine. */
  public float[][] vectors(List<String> texts, InputType type) throws IOException {
    int dimensions = encoder.info().dimensions();
    List<float[]> vectors = new ArrayList<>();
    kept.asked(type.toString())
        .ofMany(
            texts,
            err,
            block -> encode(block, type),
            numbers -> {
              for (int at = 0; at < numbers.length; at += dimensions) {
                float[] vector = Arrays.copyOfRange(numbers, at, at + dimensions);
                vectors.add(cosine ? unit(vector) : vector);
              }
            });
    return vectors.toArray(float[][]::new);
  }

  private float[] encode(List<String> texts, InputType type) throws IOException {
    float[] numbers = new float[texts.size() * encoder.info().dimensions()];
    int[] done = new int[1];
    EncodeRequest request = EncodeRequest.of(texts).withInputType(type);
    OrderedEncoding<String, DenseVector> encoding =
        new OrderedEncoding<>(
            String::length,
            slice -> encoder.submit(request.withTexts(slice)),
            answers -> {
              for (DenseVector vector : answers) {
                float[] values = vector.values();
                System.arraycopy(values, 0, numbers, done[0], values.length);
                done[0] += values.length;
              }
            });
    for (String text : texts) {
      encoding.add(text);
    }
    encoding.finish();
    return numbers;
  }

  private static float[] unit(float[] vector) {
    double length = Math.max(1e-12, Math.sqrt(dot(vector, vector)));
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) length;
    }
    return vector;
  }

  private static float dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return (float) sum;
  }
}
