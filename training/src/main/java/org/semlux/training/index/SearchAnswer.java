package org.semlux.training.index;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.training.deploy.ClusterException;

/**
 * What a cluster answers to one search of all shards. A search that lacks some finds less than
 * there is, and says so in small print alone: it is a failure here.
 */
record SearchAnswer(JsonObject json) {
  private static final int BAD_REQUEST = 400;
  private static final int UNAVAILABLE = 503;
  private static final Set<String> BAD_REQUESTS =
      Set.of("illegal_argument_exception", "parsing_exception", "query_shard_exception");

  /**
   * Takes an answer that is whole.
   *
   * @param index that was searched
   * @throws ClusterException when it failed, or lacks shards; it says whether that may pass
   */
  static SearchAnswer whole(String index, JsonObject answer) throws ClusterException {
    if (answer.has("error")) {
      int status = answer.has("status") ? answer.get("status").getAsInt() : BAD_REQUEST;
      throw ClusterException.ofPart(
          status, "a search of [%s] fails: %s".formatted(index, reason(answer)));
    }
    JsonObject shards = answer.getAsJsonObject("_shards");
    boolean late = answer.has("timed_out") && answer.get("timed_out").getAsBoolean();
    if (late || (shards != null && shards.get("failed").getAsInt() > 0)) {
      Optional<JsonObject> failure = firstFailure(shards);
      throw ClusterException.ofPart(
          failure.map(SearchAnswer::status).orElse(UNAVAILABLE),
          "a search of [%s] is not whole, with %s of %s shards: %s"
              .formatted(
                  index,
                  shards.get("successful"),
                  shards.get("total"),
                  failure
                      .map(of -> rootCause(of.getAsJsonObject("reason")).toString())
                      .orElse("try again when the index is well")));
    }
    return new SearchAnswer(answer);
  }

  /** The hits, best first, or as they were sorted. */
  List<JsonObject> hits() {
    JsonArray hits = json.getAsJsonObject("hits").getAsJsonArray("hits");
    return hits.asList().stream().map(JsonElement::getAsJsonObject).toList();
  }

  /** The documents that were found. */
  Index.Found found() {
    List<JsonObject> hits = hits();
    return new Index.Found(
        hits.stream().map(hit -> hit.get("_id").getAsString()).toList(),
        hits.stream().mapToDouble(hit -> score(hit.get("_score"))).toArray(),
        json.get("took").getAsLong());
  }

  /** A search that sorts gives none, and has said all by the order of its hits. */
  private static double score(JsonElement said) {
    return said.isJsonNull() ? 0 : said.getAsDouble();
  }

  private static Optional<JsonObject> firstFailure(JsonObject shards) {
    return Optional.ofNullable(shards.getAsJsonArray("failures"))
        .filter(failures -> !failures.isEmpty())
        .map(failures -> failures.get(0).getAsJsonObject())
        .filter(failure -> failure.has("reason") && failure.get("reason").isJsonObject());
  }

  /** A search tells a shard's failure without its status: what no retry helps goes by its type. */
  private static int status(JsonObject failure) {
    JsonElement status = failure.get("status");
    if (status != null && status.isJsonPrimitive()) {
      return status.getAsInt();
    }
    JsonElement type = failure.getAsJsonObject("reason").get("type");
    return type != null && BAD_REQUESTS.contains(type.getAsString()) ? BAD_REQUEST : UNAVAILABLE;
  }

  private static String reason(JsonObject answer) {
    JsonElement error = answer.get("error");
    return Optional.of(error)
        .filter(JsonElement::isJsonObject)
        .map(JsonElement::getAsJsonObject)
        .map(SearchAnswer::rootCause)
        .orElse(error)
        .toString();
  }

  private static JsonElement rootCause(JsonObject error) {
    JsonElement causes = error.get("root_cause");
    boolean known = causes != null && causes.isJsonArray() && !causes.getAsJsonArray().isEmpty();
    JsonObject cause = known ? causes.getAsJsonArray().get(0).getAsJsonObject() : error;
    return cause.has("reason") ? cause.get("reason") : cause;
  }
}
