package org.semlux.training.mine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;

/**
 * A search of the whole corpus for every query: products of matrices, some hundred queries with
 * some thousand documents at a time, so that memory follows neither number.
 *
 * {@snippet lang=java :
 * float[][] queries = {{1, 0}};
 * float[][] documents = {{0, 1}, {.6f, .8f}};
 * var nearest = new NearestDocuments(queries, documents, 1).search(done -> {}).get(0);
 * nearest.documents(); // {1}
 * nearest.scores(); // {.6}
 * }
 */
public final class NearestDocuments {
  private static final int QUERIES = 256;
  private static final int DOCUMENTS = 1 << 14;

  private final float[][] queries;
  private final float[][] documents;
  private final int count;

  /**
   * @param queries vectors, of length 1 where cosines are to be found
   * @param documents the same
   * @param count how many are searched for
   */
  public NearestDocuments(float[][] queries, float[][] documents, int count) {
    this.queries = queries;
    this.documents = documents;
    this.count = Math.min(count, documents.length);
  }

  /**
   * The nearest of a query.
   *
   * @param documents their places, nearest first; of equal ones the first
   * @param scores dot products
   */
  public record Nearest(int[] documents, float[] scores) {}

  /**
   * Searches for all.
   *
   * @param done is told how many queries more are done
   */
  public List<Nearest> search(IntConsumer done) throws IOException {
    List<Nearest> all = new ArrayList<>();
    try (InputStream in = NearestDocuments.class.getResourceAsStream("nearest.torchscript");
        Program program =
            Program.compile(
                ProgramText.empty()
                    .append("\n" + new String(in.readAllBytes(), UTF_8), Map.of("count", count)))) {
      List<CompletableFuture<List<Nearest>>> parts = new ArrayList<>();
      for (int first = 0; first < queries.length; first += QUERIES) {
        int from = first;
        int to = Math.min(from + QUERIES, queries.length);
        parts.add(
            CompletableFuture.supplyAsync(
                () -> search(program, from, to), Workers.shared().compute()));
      }
      for (CompletableFuture<List<Nearest>> part : parts) {
        List<Nearest> found = part.join();
        all.addAll(found);
        done.accept(found.size());
      }
    }
    return all;
  }

  private List<Nearest> search(Program program, int from, int to) {
    List<Nearest> best = new ArrayList<>();
    for (int i = from; i < to; i++) {
      best.add(new Nearest(new int[0], new float[0]));
    }
    for (int first = 0; first < documents.length; first += DOCUMENTS) {
      int last = Math.min(first + DOCUMENTS, documents.length);
      try (NativeScope scope = new NativeScope()) {
        float[] found =
            scope.toFloats(
                scope.own(
                    program.run(
                        "nearest",
                        scope.floats(flat(queries, from, to), to - from, queries[0].length),
                        scope.floats(
                            flat(documents, first, last), last - first, queries[0].length))));
        int width = found.length / 2 / (to - from);
        for (int i = 0; i < to - from; i++) {
          best.set(i, merge(best.get(i), found, i * width, width, first));
        }
      }
    }
    return best;
  }

  /** Of two that are sorted the best; what was found says scores and then places. */
  private Nearest merge(Nearest some, float[] found, int at, int width, int firstDocument) {
    int size = Math.min(count, some.documents.length + width);
    int[] places = new int[size];
    float[] scores = new float[size];
    int left = 0;
    int right = 0;
    for (int i = 0; i < size; i++) {
      boolean takesLeft =
          right == width || (left < some.scores.length && some.scores[left] >= found[at + right]);
      scores[i] = takesLeft ? some.scores[left] : found[at + right];
      places[i] =
          takesLeft
              ? some.documents[left]
              : firstDocument + (int) found[found.length / 2 + at + right];
      left += takesLeft ? 1 : 0;
      right += takesLeft ? 0 : 1;
    }
    return new Nearest(places, scores);
  }

  private static float[] flat(float[][] rows, int from, int to) {
    int width = rows[0].length;
    float[] all = new float[(to - from) * width];
    for (int i = from; i < to; i++) {
      System.arraycopy(rows[i], 0, all, (i - from) * width, width);
    }
    return all;
  }
}
