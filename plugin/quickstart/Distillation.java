import com.google.gson.Gson;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Training data of the sample corpus alone, where there is no better: pairs of a query and a text,
 * with the cosine that the dense model gives them as the score, 0 where it is below.
 *
 * <p>Run by {@code quickstart.sh}: {@code java Distillation CORPUS MODEL FOLDER} writes {@code
 * train.jsonl} and, of other queries, {@code dev.jsonl} into the folder, and the corpus as {@code
 * texts.txt}.
 */
public final class Distillation {
  private static final Gson JSON = new Gson();
  private static final long SEED = 42;

  /** A query is a part of a text, as it is or in the words of a question. */
  private static final List<String> FRAMES = List.of("%s", "How is it that %s?", "What about %s?");

  private static final int FEWEST_WORDS = 4;

  /** The texts that the model finds nearest are what a reranker gets to see. */
  private static final int NEAREST = 20;

  private static final int PICKED_NEAREST = 4;
  private static final int PICKED_OTHERS = 2;

  /** Of so many queries one is kept for judging. */
  private static final int DEV = 20;

  private final List<String> texts;
  private final List<float[]> vectors;
  private final Random random = new Random(SEED);

  private Distillation(List<String> texts, List<float[]> vectors) {
    this.texts = texts;
    this.vectors = vectors;
  }

  public static void main(String[] arguments) throws IOException {
    List<String> texts = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      texts.add(JsonParser.parseString(line).getAsJsonObject().get("text").getAsString());
    }
    List<String> queries = queries(texts);
    Path folder = Files.createDirectories(Path.of(arguments[2]));
    Files.write(folder.resolve("texts.txt"), texts);
    try (DenseEncoder encoder =
        DenseEncoder.load(Path.of(arguments[1]), EncoderOptions.defaults())) {
      Distillation distillation = new Distillation(texts, vectors(encoder, texts));
      distillation.write(queries, vectors(encoder, queries), folder);
    }
  }

  private static List<float[]> vectors(DenseEncoder encoder, List<String> texts) {
    return encoder.encode(texts).stream().map(DenseVector::values).toList();
  }

  /** The parts between the punctuation marks of each text. */
  private static List<String> queries(List<String> texts) {
    List<String> queries = new ArrayList<>();
    for (String text : texts) {
      for (String part : text.split("[.,;:!?]+(\\s+|$)")) {
        if (part.split(" ").length >= FEWEST_WORDS) {
          queries.add(FRAMES.get(queries.size() % FRAMES.size()).formatted(part));
        }
      }
    }
    return queries;
  }

  private void write(List<String> queries, List<float[]> asked, Path folder) throws IOException {
    List<String> train = new ArrayList<>();
    List<String> dev = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      float[] query = asked.get(i);
      for (int text : picked(query)) {
        Map<String, Object> pair = new LinkedHashMap<>();
        pair.put("sentence1", queries.get(i));
        pair.put("sentence2", texts.get(text));
        pair.put("score", Math.max(0, Math.min(1, cosine(query, vectors.get(text)))));
        (i % DEV == 0 ? dev : train).add(JSON.toJson(pair));
      }
    }
    Files.write(folder.resolve("train.jsonl"), train);
    Files.write(folder.resolve("dev.jsonl"), dev);
  }

  /** The nearest text, some of the next ones and some of all others. */
  private List<Integer> picked(float[] query) {
    List<Integer> order =
        new ArrayList<>(
            IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparingDouble(text -> -cosine(query, vectors.get(text))))
                .toList());
    Collections.shuffle(order.subList(1, NEAREST), random);
    Collections.shuffle(order.subList(NEAREST, order.size()), random);
    List<Integer> picked = new ArrayList<>(order.subList(0, 1 + PICKED_NEAREST));
    picked.addAll(order.subList(NEAREST, NEAREST + PICKED_OTHERS));
    return picked;
  }

  /** The model normalizes its vectors. */
  private static double cosine(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
