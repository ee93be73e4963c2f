package org.semlux.training.adapt;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a report must say before a model takes another's place: {@code ndcg@10 >= base + .01}.
 *
 * <p>The mean must be that much better, and the 95 percent interval must support that the model is
 * better at all, of {@value PairedBootstrap#FEWEST} queries at the least; or, where a loss is
 * allowed ({@code >= base - .005}), that it loses no more. A base that finds nothing is no measure.
 *
 * {@snippet lang=java :
 * Requirement requirement = Requirement.of("ndcg@10 >= base + .01");
 * JsonFile report = JsonFile.read(Path.of("adapted").resolve(AdaptationReport.FILE));
 * requirement.check(report.object()); // an IOException where the report does not say so
 * }
 *
 * @param metric of the report
 * @param gain over the base
 */
public record Requirement(String metric, double gain) {
  private static final Pattern FORM =
      Pattern.compile("\\s*(\\S+?)\\s*>=\\s*base\\s*(?:([+-])\\s*(\\d*\\.?\\d+)\\s*)?");

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Requirement of(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "--require [" + text + "] is not of the form \"ndcg@10 >= base + .01\"");
    }
    double gain = matcher.group(3) == null ? 0 : Double.parseDouble(matcher.group(3));
    return new Requirement(matcher.group(1), "-".equals(matcher.group(2)) ? -gain : gain);
  }

  /**
   * Refuses a report that does not say so of its most telling queries.
   *
   * @param report as {@link AdaptationReport} writes it
   * @return what it says, in a sentence
   * @throws IOException with what it says instead
   */
  public String check(JsonObject report) throws IOException {
    JsonArray judged = report.getAsJsonArray("judged");
    if (judged == null || judged.isEmpty()) {
      throw new IOException("the report judges nothing: make one by adapt, or by compare --qrels");
    }
    JsonObject last = judged.get(judged.size() - 1).getAsJsonObject();
    JsonObject metrics = last.getAsJsonObject("metrics");
    if (!metrics.has(metric)) {
      throw new IOException("the report has no [%s], but %s".formatted(metric, metrics.keySet()));
    }
    JsonObject values = metrics.getAsJsonObject(metric);
    double difference = values.get("difference").getAsDouble();
    double low = values.get("low").getAsDouble();
    String said =
        String.format(
            Locale.ROOT,
            "%s %.4f, base %.4f, %+.4f (95 percent interval %+.4f to %+.4f, %s %s queries)",
            metric,
            values.get("adapted").getAsDouble(),
            values.get("base").getAsDouble(),
            difference,
            low,
            values.get("high").getAsDouble(),
            last.get("queries"),
            last.get("name").getAsString());
    if (!last.has("queries") || last.get("queries").getAsInt() < PairedBootstrap.FEWEST) {
      throw new IOException(
          "what --require asks for cannot be told from fewer than %s queries: %s"
              .formatted(PairedBootstrap.FEWEST, said));
    }
    if (values.get("base").getAsDouble() == 0) {
      throw new IOException(
          "the base finds no answer at all, as where its field, its index or the judgements' ids are"
              + " others, so nothing is better than it: "
              + said);
    }
    if (difference < gain || (gain < 0 ? low < gain : low <= 0)) {
      throw new IOException(
          "what --require asks for is not so: "
              + said
              + (difference < gain ? "" : "; the interval does not support it"));
    }
    return said;
  }
}
