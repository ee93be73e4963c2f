package org.semlux.training.adapt;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.encoders.folder.JsonFile;

/**
 * Base and adapted model side by side on queries that neither has learnt from.
 *
 * @param judged one for each set of queries, the most telling last: it is judged by
 * @param beside the same for what the models are part of, or are held against
 * @param seed of the bootstrap
 */
public record AdaptationReport(List<Judged> judged, List<Judged> beside, long seed) {
  /** Its name in the folder of a run. */
  public static final String FILE = "adaptation.json";

  private static final int EXAMPLES = 5;

  /**
   * A document that was found.
   *
   * @param text empty where nobody has read it
   * @param relevant whether it answers
   */
  public record Hit(String id, String text, boolean relevant) {
    /** How many of the first are of use to look at. */
    public static final int SHOWN = 5;

    private static final int LONGEST = 160;

    private JsonObject toJson() {
      JsonObject json = new JsonObject();
      json.addProperty("id", id);
      if (!text.isEmpty()) {
        boolean whole = text.codePointCount(0, text.length()) <= LONGEST;
        json.addProperty(
            "text", whole ? text : text.substring(0, text.offsetByCodePoints(0, LONGEST)) + "…");
      }
      json.addProperty("relevant", relevant);
      return json;
    }

    private static JsonArray toJson(List<Hit> hits) {
      JsonArray all = new JsonArray();
      hits.forEach(hit -> all.add(hit.toJson()));
      return all;
    }
  }

  /**
   * What both models found.
   *
   * @param name of the queries
   * @param queries that both were asked
   * @param baseHits the first of each query, best first
   */
  public record Judged(
      String name,
      List<String> queries,
      SearchQuality base,
      SearchQuality adapted,
      List<List<Hit>> baseHits,
      List<List<Hit>> adaptedHits) {

    private double[] differences(String metric) {
      double[] before = base.values().get(metric);
      double[] after = adapted.values().get(metric);
      return IntStream.range(0, before.length).mapToDouble(i -> after[i] - before[i]).toArray();
    }

    /** How much better the adapted model is, by metric. */
    public Map<String, PairedBootstrap> differences(long seed) {
      Map<String, PairedBootstrap> all = new LinkedHashMap<>();
      for (String metric : base.values().keySet()) {
        all.put(metric, PairedBootstrap.of(differences(metric), seed));
      }
      return all;
    }

    /** Queries that changed most; sign 1: for the worse. */
    private JsonArray examples(int sign) {
      double[] differences = differences(SearchQuality.PRIMARY);
      JsonArray examples = new JsonArray();
      IntStream.range(0, differences.length)
          .filter(i -> sign * differences[i] < 0)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> sign * differences[i]))
          .limit(EXAMPLES)
          .forEach(
              i -> {
                JsonObject example = new JsonObject();
                example.addProperty("query", queries.get(i));
                example.addProperty("base", base.values().get(SearchQuality.PRIMARY)[i]);
                example.addProperty("adapted", adapted.values().get(SearchQuality.PRIMARY)[i]);
                example.add("base_hits", Hit.toJson(baseHits.get(i)));
                example.add("adapted_hits", Hit.toJson(adaptedHits.get(i)));
                examples.add(example);
              });
      return examples;
    }

    private JsonObject toJson(long seed) {
      JsonObject json = new JsonObject();
      json.addProperty("name", name);
      json.addProperty("queries", queries.size());
      JsonObject metrics = new JsonObject();
      differences(seed)
          .forEach(
              (metric, difference) -> {
                JsonObject one = new JsonObject();
                one.addProperty("base", mean(base, metric));
                one.addProperty("adapted", mean(adapted, metric));
                one.addProperty("difference", difference.mean());
                one.addProperty("low", difference.low());
                one.addProperty("high", difference.high());
                metrics.add(metric, one);
              });
      json.add("metrics", metrics);
      json.add("got_better", examples(-1));
      json.add("got_worse", examples(1));
      return json;
    }
  }

  private PairedBootstrap telling() {
    return judged.get(judged.size() - 1).differences(seed).get(SearchQuality.PRIMARY);
  }

  /** One sentence: whether the adapted model is better, and whether that can be told. */
  public String verdict() {
    PairedBootstrap difference = telling();
    Judged last = judged.get(judged.size() - 1);
    String interval =
        String.format(
            Locale.ROOT,
            "%s changed by %+.4f (95 percent interval %+.4f to %+.4f, %,d %s queries)",
            SearchQuality.PRIMARY,
            difference.mean(),
            difference.low(),
            difference.high(),
            last.queries.size(),
            last.name);
    if (difference.isBetter()) {
      return "The adapted model is better: " + interval;
    }
    if (difference.isWorse()) {
      return "The adapted model is worse: " + interval;
    }
    return "Nobody can tell whether the adapted model is better: "
        + interval
        + (difference.isTelling()
            ? ""
            : "; fewer than %s queries are too few to tell".formatted(PairedBootstrap.FEWEST));
  }

  /**
   * Writes the file {@value #FILE}.
   *
   * @param model the adapted one's files, by their sha256: the report is of no other
   * @param plan what made it of what, see {@link AdaptationPlan#toJson}
   */
  void write(Path folder, String model, JsonObject plan) throws IOException {
    JsonObject json = toJson();
    json.addProperty("sha256", model);
    plan.asMap().forEach(json::add);
    JsonFile.write(folder.resolve(FILE), json, 2);
  }

  /** What {@link Requirement} reads. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("better", telling().isBetter());
    json.addProperty("verdict", verdict());
    json.add("judged", toJson(judged));
    if (!beside.isEmpty()) {
      json.add("beside", toJson(beside));
    }
    return json;
  }

  private JsonArray toJson(List<Judged> some) {
    JsonArray all = new JsonArray();
    some.forEach(one -> all.add(one.toJson(seed)));
    return all;
  }

  /** A model's mean over all queries. */
  public static double mean(SearchQuality quality, String metric) {
    return Arrays.stream(quality.values().get(metric)).average().orElseThrow();
  }

  /** Prints tables and the verdict. */
  public void print(PrintWriter out) {
    for (Judged one : Stream.concat(beside.stream(), judged.stream()).toList()) {
      out.printf(Locale.ROOT, "%,d %s queries%n", one.queries.size(), one.name);
      out.printf(
          "%-12s %8s %8s %8s   %s%n", "", "base", "adapted", "change", "95 percent interval");
      one.differences(seed)
          .forEach(
              (metric, difference) ->
                  out.printf(
                      Locale.ROOT,
                      "%-12s %8.4f %8.4f %+8.4f   %+.4f to %+.4f%n",
                      metric,
                      mean(one.base, metric),
                      mean(one.adapted, metric),
                      difference.mean(),
                      difference.low(),
                      difference.high()));
    }
    out.println(verdict());
    out.flush();
  }
}
