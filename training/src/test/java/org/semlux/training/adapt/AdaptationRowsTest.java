package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.MiningSearch;

class AdaptationRowsTest {
  private static final int DOCUMENTS = 80;

  @TempDir Path folder;

  /** With the title in its text, a document is nearer to it than what is learnt as the answer. */
  @Test
  void negativesAreFartherThanTheAnswerAlone() throws IOException {
    String[] words =
        "river rain water sea snow bread baker soup cook rice train bike road".split(" ");
    Random random = new Random(1);
    List<Document> corpus = new ArrayList<>();
    List<AdaptationData.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      List<String> drawn = random.ints(9, 0, words.length).mapToObj(word -> words[word]).toList();
      String title = String.join(" ", drawn.subList(0, 3));
      String answer = String.join(" ", drawn.subList(3, 9)) + ".";
      corpus.add(new Document("d" + i, title, title + ". " + answer));
      pairs.add(new AdaptationData.Pair(title, answer, i, false));
    }
    Path model =
        Path.of(System.getProperty("basedir", "."))
            .resolve("../tests/src/test/resources/goldens/dense-mpnet-mean-normalize")
            .normalize();
    EncoderOptions options = EncoderOptions.defaults();
    List<String> texts = corpus.stream().map(Document::text).toList();
    PrintWriter err = new PrintWriter(new StringWriter());
    Path file = folder.resolve("rows.jsonl");
    try (DenseEncoder encoder = DenseEncoder.load(model, options)) {
      KeptNumbers kept = KeptNumbers.of(folder, model, encoder.info(), options.calibration());
      MiningSearch search = new MiningSearch(encoder, kept, true, err);
      new AdaptationRows(
              new AdaptationData(pairs, pairs, corpus, List.of()),
              1,
              OptionalDouble.of(0),
              false,
              1,
              1,
              1,
              err)
          .write(search, new Bm25(texts), List.of(), Optional.empty(), file);
      float[][] titles =
          search.vectors(corpus.stream().map(Document::title).toList(), InputType.QUERY);
      List<String> alone = pairs.stream().map(AdaptationData.Pair::answer).toList();
      float[][] answers = search.vectors(alone, InputType.DOCUMENT);
      float[][] documents = search.vectors(texts, InputType.DOCUMENT);
      List<String> rows = Files.readAllLines(file);
      int asked = 0;
      for (int i = 0; i < DOCUMENTS; i++) {
        JsonObject row = JsonParser.parseString(rows.get(i)).getAsJsonObject();
        assertThat(row.get("positive").getAsString()).isEqualTo(pairs.get(i).answer());
        double answer = MixedNegatives.dot(titles[i], answers[i]);
        int query = i;
        long farther =
            corpus.stream()
                .filter(
                    document ->
                        MixedNegatives.dot(titles[query], documents[corpus.indexOf(document)])
                            <= answer)
                .count();
        if (farther > DOCUMENTS / 4) { // else nothing may be left but what is nearer
          asked++;
          // Beside an answer without its title a negative has none.
          int negative = alone.indexOf(row.get("negative_1").getAsString());
          assertThat(MixedNegatives.dot(titles[i], documents[negative]))
              .isLessThanOrEqualTo(answer);
        }
      }
      assertThat(asked).isGreaterThan(DOCUMENTS / 4);
    }
  }
}
