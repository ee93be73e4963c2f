package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.mine.MiningData;

class SparseSearchTest {
  private static final Path MODEL = Path.of("../tests/src/test/resources/goldens/sparse-bert");
  private static final EncoderOptions OPTIONS = EncoderOptions.defaults();
  private static final int COUNT = 7;

  @TempDir Path folder;

  private static List<String> texts(String start, int size) {
    return IntStream.range(0, size)
        .mapToObj(i -> "%s %s plays by river %s.".formatted(start, i % 17, i / 3))
        .toList();
  }

  private static MiningData data(List<String> queries, List<String> corpus) {
    return new MiningData(queries, queries.stream().map(query -> List.of(0)).toList(), corpus, 1);
  }

  private List<int[]> search(MiningData data) throws IOException {
    PrintWriter err = new PrintWriter(new StringWriter());
    return new SparseSearch(MODEL, OPTIONS, folder, err).search(data, COUNT);
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Each document's terms, of which the heaviest are kept, with each query's. */
  @Test
  void theBestOfAllDocuments() throws IOException {
    List<String> corpus = texts("A man", 40);
    List<String> queries = List.of("a river", "who plays 3");
    List<int[]> found = search(data(queries, corpus));

    try (SparseEncoder encoder = SparseEncoder.load(MODEL, OPTIONS)) {
      List<TermWeights> documents = encode(encoder, corpus, InputType.DOCUMENT);
      List<TermWeights> asked = encode(encoder, queries, InputType.QUERY);
      for (int query = 0; query < queries.size(); query++) {
        TermWeights terms = asked.get(query);
        double[] scores = documents.stream().mapToDouble(one -> product(terms, one)).toArray();
        assertThat(found.get(query))
            .containsExactly(
                IntStream.range(0, scores.length)
                    .boxed()
                    .filter(place -> scores[place] > 0)
                    .sorted(Comparator.comparingDouble(place -> -scores[place]))
                    .limit(COUNT)
                    .mapToInt(Integer::intValue)
                    .toArray());
      }
    }
  }

  private static List<TermWeights> encode(SparseEncoder encoder, List<String> texts, InputType type)
      throws IOException {
    List<TermWeights> all = new ArrayList<>();
    for (TermWeights terms : encoder.submit(EncodeRequest.of(texts).withInputType(type)).join()) {
      boolean cut = type == InputType.DOCUMENT && terms.size() > SparseSearch.DOCUMENT_TERMS;
      all.add(cut ? terms.first(SparseSearch.DOCUMENT_TERMS) : terms);
    }
    return all;
  }

  private static double product(TermWeights query, TermWeights document) {
    Map<Integer, Float> weights = new HashMap<>();
    for (int i = 0; i < document.size(); i++) {
      weights.put(document.ids()[i], document.weights()[i]);
    }
    return IntStream.range(0, query.size())
        .mapToDouble(i -> (double) query.weights()[i] * weights.getOrDefault(query.ids()[i], 0f))
        .sum();
  }

  /** What is judged by several sets is searched for each of them, and a run may be stopped. */
  @Test
  void noTextIsEncodedAgain() throws IOException {
    List<String> corpus = texts("A man", 1030);
    List<int[]> first = search(data(List.of("a river"), corpus));
    List<Path> kept = kept();
    assertThat(kept).hasSize(3); // two blocks of the corpus, one of queries

    assertThat(search(data(List.of("a river"), corpus)).get(0)).containsExactly(first.get(0));
    assertThat(kept()).isEqualTo(kept);
    search(data(List.of("a bridge"), corpus));
    assertThat(kept()).hasSize(4).containsAll(kept);
    // Another end of the corpus is another block.
    List<String> longer = Stream.concat(corpus.stream(), Stream.of("It rains.")).toList();
    search(data(List.of("a river"), longer));
    assertThat(kept()).hasSize(5);

    for (Path file : kept()) {
      Files.write(file, new byte[0]); // as though the texts had no terms: nobody asks the model
    }
    assertThat(search(data(List.of("a river"), corpus))).isEmpty();
  }
}
