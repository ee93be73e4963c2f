package org.semlux.training.adapt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.TermWeights;
import org.semlux.training.mine.MiningData;
import org.semlux.training.run.ModelRun;

/** A sparse encoder's search of a corpus in memory. */
final class SparseSearch {
  /** What a document is kept of: as many terms as BM25 has about. */
  static final int DOCUMENT_TERMS = 80;

  /** Documents that have a term. */
  private record Posting(int document, float weight) {}

  private final Map<Integer, List<Posting>> postings = new HashMap<>();
  private final int documents;

  private SparseSearch(List<TermWeights> corpus) {
    documents = corpus.size();
    for (int document = 0; document < corpus.size(); document++) {
      TermWeights terms = corpus.get(document);
      for (int i = 0; i < terms.size(); i++) {
        postings
            .computeIfAbsent(terms.ids()[i], any -> new ArrayList<>())
            .add(new Posting(document, terms.weights()[i]));
      }
    }
  }

  /** The best documents of each query. */
  static List<int[]> search(ModelRun run, MiningData data, int count) throws IOException {
    SparseOptions pruned =
        SparseOptions.defaults().withPruning(Pruning.none().withMaxTerms(DOCUMENT_TERMS));
    try (SparseEncoder encoder = run.loadSparse()) {
      EncodeRequest corpus =
          EncodeRequest.of(data.corpus()).withInputType(InputType.DOCUMENT).withTerms(pruned);
      EncodeRequest queries = EncodeRequest.of(data.queries()).withInputType(InputType.QUERY);
      SparseSearch search = new SparseSearch(run.encode(encoder, corpus));
      return run.encode(encoder, queries).stream().map(query -> search.find(query, count)).toList();
    }
  }

  private int[] find(TermWeights query, int count) {
    double[] scores = new double[documents];
    for (int i = 0; i < query.size(); i++) {
      for (Posting posting : postings.getOrDefault(query.ids()[i], List.of())) {
        scores[posting.document] += (double) query.weights()[i] * posting.weight;
      }
    }
    return IntStream.range(0, documents)
        .filter(document -> scores[document] > 0)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer document) -> -scores[document]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
