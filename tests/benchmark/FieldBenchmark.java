import com.google.gson.Gson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A {@code semlux_text} field beside what one would make by hand for the same: a pipeline that cuts
 * texts into passages, a nested {@code dense_vector} field and a nested {@code knn} query. Writes
 * the same texts both ways in turns, three times; compares the sizes of the indices after a forced
 * merge; asks the same questions of both in turns.
 *
 * <p>Run by {@code field.sh} beside it: {@code FieldBenchmark URL MODEL DOCUMENTS ROUNDS}.
 */
public final class FieldBenchmark {
  private static final int BULK = 200;
  private static final int TURNS = 3;
  private static final int WARM_UP = 50;

  private static final String[] WORDS =
      ("the of and in to was he is as for on with that it his by at from her she you had an were but"
              + " be this are not my they one which or have him me first all also their has up who"
              + " river rain city music house water night school world family")
          .split(" ");

  private final NodeClient node;
  private final String model;
  private final Random random = new Random(1);

  private FieldBenchmark(NodeClient node, String model) {
    this.node = node;
    this.model = model;
  }

  public static void main(String[] arguments) throws Exception {
    new FieldBenchmark(new NodeClient(arguments[0]), arguments[1])
        .run(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
  }

  private void run(int documents, int rounds) throws Exception {
    long dims =
        node.call("GET", "/_semlux/models/" + model, "")
            .getAsJsonArray("models")
            .get(0)
            .getAsJsonObject()
            .get("dimensions")
            .getAsLong();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < documents; i++) {
      texts.add(text());
    }
    node.call(
        "PUT",
        "/_ingest/pipeline/hand",
        """
        {"processors":[{"semlux":{"model_id":"%s","input_output":[{"input_field":"text",
         "output_field":"passages","chunking":{"strategy":"token_sentences","size":512,"overlap":0,"limit":1000}}]}}]}"""
            .formatted(model));
    List<Double> field = new ArrayList<>();
    List<Double> hand = new ArrayList<>();
    for (int turn = 0; turn < TURNS; turn++) {
      create("field", "", "\"text\":{\"type\":\"semlux_text\",\"model_id\":\"" + model + "\"}");
      field.add(texts.size() / write("field", texts));
      create(
          "hand",
          ",\"default_pipeline\":\"hand\"",
          """
          "passages_encoded":{"type":"object","enabled":false},"passages":{"type":"nested","properties":{
           "start":{"type":"integer","index":false},"end":{"type":"integer","index":false},
           "text":{"type":"keyword","index":false,"doc_values":false},
           "vector":{"type":"dense_vector","dims":%s}}}"""
              .formatted(dims));
      hand.add(texts.size() / write("hand", texts));
    }
    NodeClient.print("%d documents of 60 to 240 words; texts a second, by turn", documents);
    NodeClient.print("semlux_text: %s", numbers(field));
    NodeClient.print("by hand:     %s", numbers(hand));
    NodeClient.print(
        "bytes after a forced merge: semlux_text %,d, by hand %,d", size("field"), size("hand"));
    search(rounds);
  }

  private void create(String index, String settings, String properties) throws Exception {
    node.call("DELETE", "/" + index + "?ignore_unavailable=true", "");
    node.call(
        "PUT",
        "/" + index,
        "{\"settings\":{\"number_of_replicas\":0%s},\"mappings\":{\"properties\":{%s}}}"
            .formatted(settings, properties));
  }

  /** Seconds. */
  private double write(String index, List<String> texts) throws Exception {
    long began = System.nanoTime();
    for (int from = 0; from < texts.size(); from += BULK) {
      String lines =
          texts.subList(from, Math.min(texts.size(), from + BULK)).stream()
              .map(text -> "{\"index\":{}}\n" + new Gson().toJson(Map.of("text", text)) + "\n")
              .collect(Collectors.joining());
      if (node.call("POST", "/" + index + "/_bulk", lines).get("errors").getAsBoolean()) {
        throw new IOException("a bulk to " + index + " failed");
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  private long size(String index) throws Exception {
    node.call("POST", "/" + index + "/_forcemerge?max_num_segments=1", "");
    node.call("POST", "/" + index + "/_refresh", "");
    return node.call("GET", "/" + index + "/_stats/store", "")
        .getAsJsonObject("_all")
        .getAsJsonObject("primaries")
        .getAsJsonObject("store")
        .get("size_in_bytes")
        .getAsLong();
  }

  private void search(int rounds) throws Exception {
    List<Double> field = new ArrayList<>();
    List<Double> hand = new ArrayList<>();
    for (int i = 0; i < WARM_UP + rounds; i++) {
      // No question comes twice: each way encodes its own.
      double one =
          node.millis(
              "/field/_search",
              "{\"size\":10,\"_source\":false,\"query\":{\"semlux\":{\"field\":\"text\",\"query\":\"%s\",\"k\":10,\"num_candidates\":50}}}"
                  .formatted(words(8)));
      double two =
          node.millis(
              "/hand/_search",
              """
              {"size":10,"_source":false,"query":{"nested":{"path":"passages","score_mode":"max","query":{
               "knn":{"field":"passages.vector","k":10,"num_candidates":50,"query_vector_builder":
               {"semlux":{"model_id":"%s","model_text":"%s"}}}}}}}"""
                  .formatted(model, words(8)));
      if (i >= WARM_UP) {
        field.add(one);
        hand.add(two);
      }
    }
    NodeClient.print(
        "%d searches: semlux_text %s; by hand %s", rounds, percentiles(field), percentiles(hand));
  }

  private String text() {
    List<String> sentences = new ArrayList<>();
    for (int i = 6 + random.nextInt(18); i > 0; i--) {
      sentences.add(words(10) + ".");
    }
    return String.join(" ", sentences);
  }

  private String words(int count) {
    return random
        .ints(count, 0, WORDS.length)
        .mapToObj(i -> WORDS[i])
        .collect(Collectors.joining(" "));
  }

  private static String numbers(List<Double> values) {
    return values.stream()
        .map(value -> String.format(Locale.ROOT, "%.0f", value))
        .collect(Collectors.joining(", "));
  }

  private static String percentiles(List<Double> millis) {
    return String.format(
        Locale.ROOT,
        "p50 %.2f ms, p99 %.2f ms",
        NodeClient.percentile(millis, 50),
        NodeClient.percentile(millis, 99));
  }
}
