import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The part of the quickstart that talks to the node: a pipeline and an index, a bulk request with
 * the corpus, and each question asked twice, of BM25 and of the vectors.
 *
 * <p>Run by {@code quickstart.sh} as a source file: {@code java Quickstart.java URL MODEL FOLDER}.
 */
public final class Quickstart {
  private static final int COLUMN = 48;
  private static final int TOP = 3;

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI node;
  private final String model;

  private Quickstart(URI node, String model) {
    this.node = node;
    this.model = model;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[2]);
    Quickstart quickstart = new Quickstart(URI.create(arguments[0]), arguments[1]);
    quickstart.createIndex();
    quickstart.index(Files.readAllLines(folder.resolve("corpus.jsonl")));
    quickstart.ask(
        JsonParser.parseString(Files.readString(folder.resolve("questions.json")))
            .getAsJsonObject()
            .getAsJsonArray("questions"));
  }

  private void createIndex() throws IOException, InterruptedException {
    call(
        "PUT",
        "/_ingest/pipeline/quickstart",
        """
        {"processors":[{"semlux":{"model_id":"%s",
          "input_output":[{"input_field":"text","output_field":"dense"}]}}]}"""
            .formatted(model));
    call("DELETE", "/quickstart?ignore_unavailable=true", "");
    call(
        "PUT",
        "/quickstart",
        """
        {"settings":{"number_of_replicas":0,"default_pipeline":"quickstart"},
         "mappings":{"properties":{
           "subject":{"type":"keyword"},
           "text":{"type":"text"},
           "dense":{"type":"dense_vector","dims":384,"similarity":"dot_product"}}}}""");
  }

  private void index(List<String> lines) throws IOException, InterruptedException {
    StringBuilder bulk = new StringBuilder();
    for (String line : lines) {
      String id = JsonParser.parseString(line).getAsJsonObject().get("id").getAsString();
      bulk.append("{\"index\":{\"_id\":\"").append(id).append("\"}}\n").append(line).append('\n');
    }
    long began = System.nanoTime();
    JsonObject answer = call("POST", "/quickstart/_bulk?refresh=true", bulk.toString());
    double seconds = (System.nanoTime() - began) / 1e9;
    if (answer.get("errors").getAsBoolean()) {
      throw new IOException("the bulk request failed: " + firstError(answer));
    }
    System.out.printf(
        Locale.ROOT,
        "Encoded and indexed %d texts in %.2f s (%.0f a second)%n",
        lines.size(),
        seconds,
        lines.size() / seconds);
  }

  private static String firstError(JsonObject bulk) {
    return StreamSupport.stream(bulk.getAsJsonArray("items").spliterator(), false)
        .map(item -> item.getAsJsonObject().getAsJsonObject("index"))
        .filter(item -> item.has("error"))
        .map(item -> item.get("error").toString())
        .findFirst()
        .orElse(bulk.toString());
  }

  /**
   * Prints the questions of the demo, and how often either side's first hit answers any question.
   */
  private void ask(JsonArray questions) throws IOException, InterruptedException {
    // The first search of a kind loads classes on both ends: not what the times should tell.
    keywords("warm");
    meaning("warm");
    int answeredByKeywords = 0;
    int answeredByMeaning = 0;
    for (JsonElement element : questions) {
      JsonObject question = element.getAsJsonObject();
      String text = question.get("question").getAsString();
      Map<String, Integer> grades = grades(question);
      Found keywords = keywords(text);
      Found meaning = meaning(text);
      answeredByKeywords += keywords.answers(grades) ? 1 : 0;
      answeredByMeaning += meaning.answers(grades) ? 1 : 0;
      if (question.has("demo") && question.get("demo").getAsBoolean()) {
        System.out.printf("%n%s%n", text);
        print("BM25", keywords, "Vectors", meaning, grades);
      }
    }
    System.out.printf(
        "%n* answers the question. The first hit does so for this many of all %d questions:%n"
            + "  BM25 %d, vectors %d%n",
        questions.size(), answeredByKeywords, answeredByMeaning);
  }

  private static Map<String, Integer> grades(JsonObject question) {
    return StreamSupport.stream(question.getAsJsonArray("relevant").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .collect(
            Collectors.toMap(
                relevant -> relevant.get("id").getAsString(),
                relevant -> relevant.get("grade").getAsInt()));
  }

  private Found keywords(String question) throws IOException, InterruptedException {
    JsonObject match = new JsonObject();
    match.addProperty("text", question);
    return search("{\"size\":%d,\"query\":{\"match\":%s},\"_source\":[\"text\"]}", match);
  }

  private Found meaning(String question) throws IOException, InterruptedException {
    JsonObject builder = new JsonObject();
    builder.addProperty("model_id", model);
    builder.addProperty("model_text", question);
    return search(
        "{\"size\":%d,\"knn\":{\"field\":\"dense\",\"k\":10,\"num_candidates\":100,"
            + "\"query_vector_builder\":{\"semlux\":%s}},\"_source\":[\"text\"]}",
        builder);
  }

  private Found search(String body, JsonObject query) throws IOException, InterruptedException {
    String request = body.formatted(TOP, query);
    long began = System.nanoTime();
    JsonObject answer = call("POST", "/quickstart/_search", request);
    double millis = (System.nanoTime() - began) / 1e6;
    List<Hit> hits = new ArrayList<>();
    for (JsonElement hit : answer.getAsJsonObject("hits").getAsJsonArray("hits")) {
      JsonObject object = hit.getAsJsonObject();
      hits.add(
          new Hit(
              object.get("_id").getAsString(),
              object.getAsJsonObject("_source").get("text").getAsString()));
    }
    return new Found(hits, millis);
  }

  private static void print(
      String left, Found leftHits, String right, Found rightHits, Map<String, Integer> grades) {
    List<String> leftLines = lines(left, leftHits, grades);
    List<String> rightLines = lines(right, rightHits, grades);
    for (int i = 0; i < Math.max(leftLines.size(), rightLines.size()); i++) {
      String first = i < leftLines.size() ? leftLines.get(i) : "";
      String second = i < rightLines.size() ? rightLines.get(i) : "";
      System.out.println(
          ("  " + first + " ".repeat(COLUMN + 2 - first.length()) + second).stripTrailing());
    }
  }

  private static List<String> lines(String title, Found found, Map<String, Integer> grades) {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "%s, %.1f ms", title, found.millis()));
    for (Hit hit : found.hits()) {
      lines.addAll(wrap((grades.containsKey(hit.id()) ? "* " : "- ") + hit.text()));
    }
    return lines;
  }

  /** At most two lines of a column's width, the second ending in dots where there is more. */
  private static List<String> wrap(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > COLUMN - 2) {
        if (lines.size() == 1) {
          lines.add(line + "…");
          return lines;
        }
        lines.add(line.toString());
        line = new StringBuilder(" ");
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private JsonObject call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(node.resolve(path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + " answered " + response.body());
    }
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  /** A document that a search found. */
  private record Hit(String id, String text) {}

  /** What a search found, best first, and the time from question to answer. */
  private record Found(List<Hit> hits, double millis) {
    boolean answers(Map<String, Integer> grades) {
      return !hits.isEmpty() && grades.containsKey(hits.get(0).id());
    }
  }
}
