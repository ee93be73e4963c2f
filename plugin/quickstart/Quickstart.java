import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.StreamSupport;

/**
 * The part of the quickstart that talks to the node: a pipeline and an index, a bulk request with
 * the corpus, and each question asked of every {@link Step}.
 *
 * <p>Run by {@code quickstart.sh}: {@code java Quickstart URL FOLDER}, where the folder holds the
 * corpus and the questions. The node has the three models.
 */
public final class Quickstart {
  static final String DENSE_MODEL = "all-minilm-l6-v2";
  static final String SPARSE_MODEL = "minilm-sparse";
  static final String RERANK_MODEL = "minilm-rerank";

  private static final int HITS = 10;
  private static final int SHOWN = 3;
  private static final int WIDTH = 100;
  private static final String RANKS = "%7s".repeat(Step.values().length);

  private final Node node;

  private Quickstart(Node node) {
    this.node = node;
  }

  /** A question and what each step found for it. */
  private record Asked(Question question, Map<Step, Node.Found> found) {
    double ndcg(Step step) {
      return question.ndcg(found.get(step).hits());
    }

    double isFirstAnswer(Step step) {
      List<Node.Hit> hits = found.get(step).hits();
      return !hits.isEmpty() && question.isAnsweredBy(hits.get(0)) ? 1 : 0;
    }

    /** Counted from 1; behind all hits where the step did not find it. */
    int order(Step step, Node.Hit hit) {
      int rank = found.get(step).rank(hit.id());
      return rank == 0 ? HITS + 1 : rank;
    }
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[1]);
    Quickstart quickstart = new Quickstart(new Node(URI.create(arguments[0])));
    quickstart.createIndex();
    quickstart.index(Files.readAllLines(folder.resolve("corpus.jsonl")));
    List<Asked> asked = quickstart.ask(Question.read(folder.resolve("questions.json")));
    asked.stream().filter(one -> one.question().demo()).forEach(Quickstart::show);
    summarize(asked);
  }

  private void createIndex() throws IOException, InterruptedException {
    node.call(
        "PUT",
        "/_ingest/pipeline/quickstart",
        """
        {"processors":[{"semlux":{"skip_unchanged":false,"input_output":[
          {"input_field":"text","output_field":"dense","model_id":"%s"},
          {"input_field":"text","output_field":"sparse","model_id":"%s"}]}}]}"""
            .formatted(DENSE_MODEL, SPARSE_MODEL));
    node.call("DELETE", "/quickstart?ignore_unavailable=true", "");
    node.call(
        "PUT",
        "/quickstart",
        """
        {"settings":{"number_of_replicas":0,"default_pipeline":"quickstart"},
         "mappings":{"properties":{
           "subject":{"type":"keyword"},
           "text":{"type":"text"},
           "dense":{"type":"dense_vector","dims":384,"similarity":"dot_product"},
           "sparse":{"type":"sparse_vector"}}}}""");
  }

  private void index(List<String> lines) throws IOException, InterruptedException {
    StringBuilder bulk = new StringBuilder();
    for (String line : lines) {
      String id = JsonParser.parseString(line).getAsJsonObject().get("id").getAsString();
      bulk.append("{\"index\":{\"_id\":\"").append(id).append("\"}}\n").append(line).append('\n');
    }
    long began = System.nanoTime();
    JsonObject answer = node.call("POST", "/quickstart/_bulk?refresh=true", bulk.toString());
    double seconds = (System.nanoTime() - began) / 1e9;
    if (answer.get("errors").getAsBoolean()) {
      throw new IOException("the bulk request failed: " + firstError(answer));
    }
    print(
        "Encoded %d texts into vectors and terms, and indexed them, in %.2f s (%.0f a second)%n",
        lines.size(), seconds, lines.size() / seconds);
  }

  private static String firstError(JsonObject bulk) {
    return StreamSupport.stream(bulk.getAsJsonArray("items").spliterator(), false)
        .map(item -> item.getAsJsonObject().getAsJsonObject("index"))
        .filter(item -> item.has("error"))
        .map(item -> item.get("error").toString())
        .findFirst()
        .orElse(bulk.toString());
  }

  private List<Asked> ask(List<Question> questions) throws IOException, InterruptedException {
    for (Step step : Step.values()) {
      // The first search of a kind loads classes on both ends: not what the times should tell.
      node.search(step.retriever("warm"), HITS);
    }
    List<Asked> asked = new ArrayList<>();
    for (Question question : questions) {
      Map<Step, Node.Found> found = new EnumMap<>(Step.class);
      for (Step step : Step.values()) {
        found.put(step, node.search(step.retriever(question.text()), HITS));
      }
      asked.add(new Asked(question, found));
    }
    return asked;
  }

  /** Every step's first hits, and the rank that each step gives them. */
  private static void show(Asked asked) {
    Set<Node.Hit> hits = new LinkedHashSet<>();
    asked.found().values().forEach(found -> found.hits().stream().limit(SHOWN).forEach(hits::add));
    Comparator<Node.Hit> order =
        Comparator.<Node.Hit>comparingInt(hit -> asked.order(Step.RERANK, hit))
            .thenComparingInt(hit -> asked.order(Step.FUSION, hit))
            .thenComparingInt(hit -> asked.order(Step.BM25, hit));
    print("%n%s%n" + RANKS + "%n", titled(asked.question().text()));
    for (Node.Hit hit : hits.stream().sorted(order).toList()) {
      Object[] ranks =
          asked.found().values().stream()
              .map(found -> found.rank(hit.id()) == 0 ? "-" : found.rank(hit.id()))
              .toArray();
      String line = RANKS.formatted(ranks) + (asked.question().isAnsweredBy(hit) ? " * " : "   ");
      print("%s%n", cut(line + hit.text()));
    }
  }

  private static String cut(String line) {
    return line.length() <= WIDTH
        ? line
        : line.substring(0, line.lastIndexOf(' ', WIDTH - 1)) + "…";
  }

  /** The title and the steps' names, for a format. */
  private static Object[] titled(String title) {
    List<Object> values = new ArrayList<>(List.of(title));
    values.addAll(List.of(Step.values()));
    return values.toArray();
  }

  private static void summarize(List<Asked> asked) {
    print(
        "%n* answers the question.%n%n%-20s" + RANKS + "%n",
        titled("All %d questions".formatted(asked.size())));
    row(
        "NDCG@10",
        "%.3f",
        step -> asked.stream().mapToDouble(one -> one.ndcg(step)).average().orElseThrow());
    row(
        "first hit answers",
        "%.0f",
        step -> asked.stream().mapToDouble(one -> one.isFirstAnswer(step)).sum());
    row("median ms", "%.1f", step -> median(asked, step));
  }

  private static double median(List<Asked> asked, Step step) {
    double[] millis =
        asked.stream().mapToDouble(one -> one.found().get(step).millis()).sorted().toArray();
    return millis[millis.length / 2];
  }

  private static void row(String title, String format, ToDoubleFunction<Step> value) {
    List<Object> values = new ArrayList<>(List.of(title));
    for (Step step : Step.values()) {
      values.add(String.format(Locale.ROOT, format, value.applyAsDouble(step)));
    }
    print("%-20s" + RANKS + "%n", values.toArray());
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
