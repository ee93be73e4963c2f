package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.training.data.RetrievalData;

/**
 * {@link InformationRetrievalEvaluator} for vectors of tokens, as the reference's evaluator of the
 * same name has it.
 *
 * @param name of the data set; prefixes the metrics and names the file; may be empty
 * @param similarity the model's
 */
public record MultiVectorInformationRetrievalEvaluator(String name, MaxSim similarity) {
  public MultiVectorInformationRetrievalEvaluator {
    new MetricNames(name); // refuses slashes
  }

  /**
   * Metrics by their names in the reference, {@code {name}_maxsim_ndcg@10} and so on.
   *
   * @param queries the vectors of {@link RetrievalData#queries}, in their order
   * @param corpus those of {@link RetrievalData#corpus}
   */
  public Map<String, Double> evaluate(
      RetrievalData data, List<TokenVectors> queries, List<TokenVectors> corpus) {
    RetrievalMetrics.requireSizes(data, queries, corpus);
    return metrics().of(data, name -> Scores.multiVector(similarity, queries, corpus));
  }

  /** See {@link InformationRetrievalEvaluator#writeCsv}. */
  public Path writeCsv(Path folder, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    return csv(folder).append(epoch, steps, metrics);
  }

  ResultsCsv csv(Path folder) {
    return metrics().csv(folder, List.of());
  }

  private RetrievalMetrics metrics() {
    return new RetrievalMetrics(name, List.of(similarity.toString()));
  }
}
