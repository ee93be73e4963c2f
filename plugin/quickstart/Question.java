import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A question and its judgements.
 *
 * @param kind paraphrased, which shares no telling word with its answers, or everyday, as people
 *     ask: with words of the answer, names, numbers and typos
 * @param demo whether its hits are shown
 * @param grades of the documents that answer it, by their ids: 2 answers it, 1 helps
 */
record Question(String kind, String text, boolean demo, Map<String, Integer> grades) {
  private static final int TEN = 10;

  static List<Question> read(Path file) throws IOException {
    JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    List<Question> questions = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("questions")) {
      JsonObject question = element.getAsJsonObject();
      Map<String, Integer> grades = new HashMap<>();
      for (JsonElement relevant : question.getAsJsonArray("relevant")) {
        JsonObject judgement = relevant.getAsJsonObject();
        grades.put(judgement.get("id").getAsString(), judgement.get("grade").getAsInt());
      }
      boolean demo = question.has("demo") && question.get("demo").getAsBoolean();
      questions.add(
          new Question(
              question.get("kind").getAsString(),
              question.get("question").getAsString(),
              demo,
              grades));
    }
    return questions;
  }

  boolean isAnsweredBy(Node.Hit hit) {
    return grades.containsKey(hit.id());
  }

  /**
   * NDCG@10 (Järvelin and Kekäläinen 2002) with gains of 2^grade - 1, as in Elasticsearch's {@code
   * _rank_eval}.
   *
   * @return from 0 to 1, where the best documents come first
   */
  double ndcg(List<Node.Hit> hits) {
    List<Integer> found = hits.stream().map(hit -> grades.getOrDefault(hit.id(), 0)).toList();
    List<Integer> best = grades.values().stream().sorted(Comparator.reverseOrder()).toList();
    return gain(found) / gain(best);
  }

  private static double gain(List<Integer> grades) {
    return IntStream.range(0, Math.min(TEN, grades.size()))
        .mapToDouble(i -> (Math.pow(2, grades.get(i)) - 1) * Math.log(2) / Math.log(i + 2))
        .sum();
  }
}
