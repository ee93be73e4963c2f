import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * The part of the quickstart that talks to the node: an index with the corpus, and each question
 * asked of every {@link Step}.
 *
 * <p>Run by {@code quickstart.sh}: {@code java Quickstart URL FOLDER STEP}, where the folder holds
 * the corpus and the questions, and the step is the last one that is asked: {@code DENSE} makes the
 * index, of the dense model alone; {@code FUSION} and {@code RERANK} give the documents of that
 * index their terms. The node has the models that the steps need.
 */
public final class Quickstart {
  static final String DENSE_MODEL = "all-minilm-l6-v2";
  static final String SPARSE_MODEL = "minilm-sparse";
  static final String RERANK_MODEL = "minilm-rerank";

  private static final int HITS = 10;

  private static final String MEANING = field("meaning", DENSE_MODEL);
  private static final String TERMS = field("terms", SPARSE_MODEL);

  private final Node node;

  private Quickstart(Node node) {
    this.node = node;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Quickstart quickstart = new Quickstart(new Node(URI.create(arguments[0])));
    Path folder = Path.of(arguments[1]);
    Step last = Step.valueOf(arguments[2]);
    if (last == Step.DENSE) {
      quickstart.createIndex();
      quickstart.index(Files.readAllLines(folder.resolve("corpus.jsonl")));
    } else {
      quickstart.addTerms();
    }
    List<Step> steps = Step.upTo(last);
    new Report(steps, quickstart.ask(steps, Question.read(folder.resolve("questions.json"))))
        .print();
  }

  private void createIndex() throws IOException, InterruptedException {
    node.call("DELETE", "/quickstart?ignore_unavailable=true", "");
    // Stop words are the whole of what this distribution knows of English: no stemmer is in it.
    node.call(
        "PUT",
        "/quickstart",
        """
        {"settings":{"number_of_replicas":0,"analysis":{"analyzer":{
           "default":{"type":"standard","stopwords":"_english_"}}}},
         "mappings":{"properties":{
           "subject":{"type":"keyword"},
           %s}}}"""
            .formatted(text(MEANING)));
  }

  /** A text, of words and, in fields of the other type, of what models make of them. */
  private static String text(String... fields) {
    return "\"text\":{\"type\":\"text\",\"fields\":{%s}}".formatted(String.join(",", fields));
  }

  private static String field(String name, String model) {
    return "\"%s\":{\"type\":\"semlux_text\",\"model_id\":\"%s\"}".formatted(name, model);
  }

  /** The sparse model's terms, into an index that is there already. */
  private void addTerms() throws IOException, InterruptedException {
    node.call(
        "PUT", "/quickstart/_mapping", "{\"properties\":{%s}}".formatted(text(MEANING, TERMS)));
    long began = System.nanoTime();
    JsonObject answer = node.call("POST", "/_semlux/_reencode", "{\"index\":\"quickstart\"}");
    if (answer.get("failed").getAsInt() > 0) {
      throw new IOException("documents got no terms: " + answer);
    }
    node.call("POST", "/quickstart/_refresh", "");
    printRate("Encoded %d texts into terms", answer.get("updated").getAsInt(), began);
  }

  private void index(List<String> lines) throws IOException, InterruptedException {
    StringBuilder bulk = new StringBuilder();
    for (String line : lines) {
      String id = JsonParser.parseString(line).getAsJsonObject().get("id").getAsString();
      bulk.append("{\"index\":{\"_id\":\"").append(id).append("\"}}\n").append(line).append('\n');
    }
    long began = System.nanoTime();
    JsonObject answer = node.call("POST", "/quickstart/_bulk?refresh=true", bulk.toString());
    if (answer.get("errors").getAsBoolean()) {
      throw new IOException("the bulk request failed: " + firstError(answer));
    }
    printRate("Encoded %d texts into vectors", lines.size(), began);
  }

  private static void printRate(String what, int texts, long began) {
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        Locale.ROOT,
        what + ", and indexed them, in %.2f s (%.0f a second)%n",
        texts,
        seconds,
        texts / seconds);
  }

  private static String firstError(JsonObject bulk) {
    return StreamSupport.stream(bulk.getAsJsonArray("items").spliterator(), false)
        .map(item -> item.getAsJsonObject().getAsJsonObject("index"))
        .filter(item -> item.has("error"))
        .map(item -> item.get("error").toString())
        .findFirst()
        .orElse(bulk.toString());
  }

  private List<Report.Asked> ask(List<Step> steps, List<Question> questions)
      throws IOException, InterruptedException {
    for (Step step : steps) {
      // The first search of a kind loads classes on both ends: not what the times should tell.
      node.search(step.retriever("warm"), HITS);
    }
    List<Report.Asked> asked = new ArrayList<>();
    for (Question question : questions) {
      Map<Step, Node.Found> found = new EnumMap<>(Step.class);
      for (Step step : steps) {
        found.put(step, node.search(step.retriever(question.text()), HITS));
      }
      asked.add(new Report.Asked(question, found));
    }
    return asked;
  }
}
