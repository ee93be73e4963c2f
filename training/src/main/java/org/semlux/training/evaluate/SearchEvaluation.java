package org.semlux.training.evaluate;

import static org.semlux.training.evaluate.EmbeddingSimilarityEvaluator.NOT_TRAINING;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.data.RetrievalData;
import org.semlux.training.run.ModelRun;

/**
 * One evaluation of a model by a search of a whole corpus.
 *
 * {@snippet lang=java :
 * ModelRun run =
 *     new ModelRun(
 *         Path.of("model"), EncoderOptions.defaults(), new PrintWriter(System.err, true));
 * RetrievalData data =
 *     RetrievalData.read(
 *         Path.of("queries.jsonl"),
 *         Path.of("corpus.jsonl"),
 *         Path.of("qrels.tsv"),
 *         System.err::println);
 * SearchEvaluation search = new SearchEvaluation(run, "nq", Optional.empty());
 * search.dense(data, List.of(Similarity.DOT)).get("nq_dot_recall@10"); // 0 to 1
 * }
 *
 * @param name of the data set, may be empty
 * @param output the metrics are written below it too
 */
public record SearchEvaluation(ModelRun run, String name, Optional<Path> output) {
  public Map<String, Double> dense(RetrievalData data, List<Similarity> similarities)
      throws IOException {
    InformationRetrievalEvaluator evaluator = new InformationRetrievalEvaluator(name, similarities);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, to -> evaluator.csv(to, List.of()));
    try (DenseEncoder encoder = run.loadDense()) {
      Map<String, Double> metrics =
          evaluator.evaluate(
              data,
              run.encode(encoder, request(data.queries().values(), InputType.QUERY)),
              run.encode(encoder, request(data.corpus().values(), InputType.DOCUMENT)));
      ResultsCsv.append(csv, NOT_TRAINING, NOT_TRAINING, metrics);
      return metrics;
    }
  }

  public Map<String, Double> sparse(RetrievalData data, List<Similarity> similarities)
      throws IOException {
    SparseInformationRetrievalEvaluator evaluator =
        new SparseInformationRetrievalEvaluator(name, similarities);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, evaluator::csv);
    try (SparseEncoder encoder = run.loadSparse()) {
      Map<String, Double> metrics =
          evaluator.evaluate(
              data,
              run.encode(encoder, request(data.queries().values(), InputType.QUERY)),
              run.encode(encoder, request(data.corpus().values(), InputType.DOCUMENT)),
              encoder.info().dimensions());
      ResultsCsv.append(csv, NOT_TRAINING, NOT_TRAINING, metrics);
      return metrics;
    }
  }

  public Map<String, Double> multiVector(RetrievalData data) throws IOException {
    MaxSim similarity = LateInteraction.of(ModelFolder.open(run.model())).similarity();
    MultiVectorInformationRetrievalEvaluator evaluator =
        new MultiVectorInformationRetrievalEvaluator(name, similarity);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, evaluator::csv);
    try (MultiVectorEncoder encoder = run.loadMultiVector()) {
      Map<String, Double> metrics =
          evaluator.evaluate(
              data,
              run.encode(encoder, request(data.queries().values(), InputType.QUERY)),
              run.encode(encoder, request(data.corpus().values(), InputType.DOCUMENT)));
      ResultsCsv.append(csv, NOT_TRAINING, NOT_TRAINING, metrics);
      return metrics;
    }
  }

  private static EncodeRequest request(Collection<String> texts, InputType type) {
    return EncodeRequest.of(List.copyOf(texts)).withInputType(type);
  }
}
