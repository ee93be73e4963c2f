package org.semlux.training.adapt;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.MiningData;
import org.semlux.training.run.OrderedEncoding;

/**
 * A sparse encoder's search of a corpus in memory. Terms are kept, so that the next search of the
 * same texts, or of a run that was stopped, encodes no text again.
 *
 * @param work what is done lies there
 */
record SparseSearch(Path model, EncoderOptions options, Path work, PrintWriter err) {
  /** What a document is kept of: as many terms as BM25 has about. */
  static final int DOCUMENT_TERMS = 80;

  /** A text's terms; all arrays are equally long. */
  private record Terms(int[] ids, float[] weights) {}

  /** A document that has a term. */
  private record Posting(int document, float weight) {}

  /** The best documents of each query. */
  List<int[]> search(MiningData data, int count) throws IOException {
    try (SparseEncoder encoder = SparseEncoder.load(model, options)) {
      Map<Integer, List<Posting>> postings = new HashMap<>();
      KeptNumbers kept = KeptNumbers.of(work, model, encoder.info(), options.calibration());
      List<Terms> corpus = terms(encoder, kept, data.corpus(), InputType.DOCUMENT);
      for (int document = 0; document < corpus.size(); document++) {
        Terms terms = corpus.get(document);
        for (int i = 0; i < terms.ids.length; i++) {
          postings
              .computeIfAbsent(terms.ids[i], any -> new ArrayList<>())
              .add(new Posting(document, terms.weights[i]));
        }
      }
      return terms(encoder, kept, data.queries(), InputType.QUERY).parallelStream()
          .map(query -> find(query, postings, corpus.size(), count))
          .toList();
    }
  }

  private static int[] find(
      Terms query, Map<Integer, List<Posting>> postings, int documents, int count) {
    double[] scores = new double[documents];
    for (int i = 0; i < query.ids.length; i++) {
      for (Posting posting : postings.getOrDefault(query.ids[i], List.of())) {
        scores[posting.document] += (double) query.weights[i] * posting.weight;
      }
    }
    return Bm25.best(scores, count);
  }

  private List<Terms> terms(
      SparseEncoder encoder, KeptNumbers kept, List<String> texts, InputType type)
      throws IOException {
    boolean pruned = type == InputType.DOCUMENT;
    EncodeRequest request = EncodeRequest.of(texts).withInputType(type);
    if (pruned) {
      Pruning heaviest = Pruning.none().withMaxTerms(DOCUMENT_TERMS);
      request = request.withTerms(SparseOptions.defaults().withPruning(heaviest));
    }
    EncodeRequest all = request;
    List<Terms> terms = new ArrayList<>();
    kept.asked("terms " + type + (pruned ? " " + DOCUMENT_TERMS : ""))
        .ofMany(
            texts,
            err,
            block -> encode(encoder, all.withTexts(block)),
            numbers -> terms.addAll(read(numbers)));
    return terms;
  }

  /** Of each text how many terms it has, their ids, which a float holds exactly, and weights. */
  private static float[] encode(SparseEncoder encoder, EncodeRequest request) throws IOException {
    List<TermWeights> all = new ArrayList<>();
    OrderedEncoding<String, TermWeights> encoding =
        new OrderedEncoding<>(
            String::length, slice -> encoder.submit(request.withTexts(slice)), all::addAll);
    for (String text : request.texts()) {
      encoding.add(text);
    }
    encoding.finish();
    float[] numbers = new float[all.stream().mapToInt(terms -> 1 + 2 * terms.size()).sum()];
    int at = 0;
    for (TermWeights terms : all) {
      numbers[at++] = terms.size();
      for (int id : terms.ids()) {
        numbers[at++] = id;
      }
      System.arraycopy(terms.weights(), 0, numbers, at, terms.size());
      at += terms.size();
    }
    return numbers;
  }

  private static List<Terms> read(float[] numbers) {
    List<Terms> all = new ArrayList<>();
    int at = 0;
    while (at < numbers.length) {
      int size = (int) numbers[at++];
      int[] ids = new int[size];
      for (int i = 0; i < size; i++) {
        ids[i] = (int) numbers[at++];
      }
      all.add(new Terms(ids, Arrays.copyOfRange(numbers, at, at + size)));
      at += size;
    }
    return all;
  }
}
