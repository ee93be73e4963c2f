package org.semlux.training.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.training.adapt.AdaptationReport;
import org.semlux.training.adapt.KnownAnswers;
import org.semlux.training.adapt.SearchQuality;
import org.semlux.training.data.Gains;
import org.semlux.training.index.Index.Found;
import org.semlux.training.tune.Shadow;

/**
 * How far the results of two models differ, how long they take, and which are better where some of
 * the queries are judged.
 *
 * @param models by the names that were asked for
 * @param asked the queries, those that are judged first
 * @param found by the first model, for each query
 * @param others found by the other
 */
record ComparisonReport(
    List<String> models, List<String> asked, List<Found> found, List<Found> others) {
  private static final int EXAMPLES = 5;
  private static final long SEED = 42;

  /** Of all queries, judged or not; a line of it is printed too. */
  JsonObject differences(PrintWriter err) {
    Shadow shadow = Shadow.of(found, others);
    JsonObject json = new JsonObject();
    json.addProperty("model", models.get(0));
    json.addProperty("other_model", models.get(1));
    json.addProperty("asked", asked.size());
    json.addProperty("overlap@10", shadow.meanOverlap());
    if (!Double.isNaN(shadow.meanCorrelation())) {
      json.addProperty("rank_correlation", shadow.meanCorrelation());
    }
    JsonArray latencies = new JsonArray();
    for (int search = 0; search < models.size(); search++) {
      JsonObject latency = new JsonObject();
      latency.addProperty("model", models.get(search));
      latency.addProperty("milliseconds_p50", shadow.milliseconds(search, 0.5));
      latency.addProperty("milliseconds_p99", shadow.milliseconds(search, 0.99));
      latencies.add(latency);
    }
    json.add("latency", latencies);
    JsonArray changed = new JsonArray();
    Arrays.stream(shadow.mostChanged(EXAMPLES)).forEach(i -> changed.add(asked.get(i)));
    json.add("changed_most", changed);
    err.printf(
        Locale.ROOT,
        "%,d queries: %.2f of the first ten are the same, rank correlation %.2f; p50/p99 %d/%d ms and %d/%d ms%n",
        asked.size(),
        shadow.meanOverlap(),
        shadow.meanCorrelation(),
        shadow.milliseconds(0, 0.5),
        shadow.milliseconds(0, 0.99),
        shadow.milliseconds(1, 0.5),
        shadow.milliseconds(1, 0.99));
    err.flush();
    return json;
  }

  /** Of the queries that are judged, as a report that {@code deploy --require} takes. */
  AdaptationReport judged(Map<String, Gains> judged) {
    List<Gains> answers = List.copyOf(judged.values());
    return new AdaptationReport(
        List.of(
            new AdaptationReport.Judged(
                "judged",
                List.copyOf(judged.keySet()),
                quality(answers, found),
                quality(answers, others),
                first(answers, found),
                first(answers, others))),
        List.of(),
        SEED);
  }

  /**
   * How many judgements were given, and are of the queries and documents of each index. What the
   * first index lacks judges nothing. What the other lacks is missed by it: with fewer documents to
   * choose from it would look the better else.
   */
  static JsonObject judgements(KnownAnswers known, Set<String> otherThere) {
    JsonObject counts = new JsonObject();
    counts.addProperty("given", known.given());
    counts.addProperty("found", known.judgements(known.documents()));
    counts.addProperty("found_by_other", known.judgements(otherThere));
    return counts;
  }

  private static List<List<AdaptationReport.Hit>> first(List<Gains> answers, List<Found> found) {
    return IntStream.range(0, answers.size())
        .mapToObj(
            query ->
                found.get(query).ids().stream()
                    .limit(AdaptationReport.Hit.SHOWN)
                    .map(
                        id ->
                            new AdaptationReport.Hit(
                                id, "", answers.get(query).documents().contains(id)))
                    .toList())
        .toList();
  }

  private static SearchQuality quality(List<Gains> answers, List<Found> found) {
    return SearchQuality.of(
        IntStream.range(0, answers.size())
            .mapToObj(query -> answers.get(query).of(found.get(query).ids()))
            .toList(),
        answers.stream().map(Gains::all).toList());
  }
}
