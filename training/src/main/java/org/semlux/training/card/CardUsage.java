package org.semlux.training.card;

import static java.util.stream.Collectors.joining;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.semlux.training.data.TrainingRow;

/** How a model is used, with texts of its own training data. */
final class CardUsage {
  private static final Gson QUOTING = new GsonBuilder().disableHtmlEscaping().create();

  private final TrainingRun run;
  private final List<TrainingRow> samples;

  private CardUsage(TrainingRun run) {
    this.run = run;
    this.samples = run.train().samples();
  }

  static String of(TrainingRun run) {
    CardUsage usage = new CardUsage(run);
    return """
        ## Usage

        ### Direct Usage (Semlux)

        %s
        ### Direct Usage (Sentence Transformers)

        ```bash
        pip install -U sentence-transformers
        ```

        ```python
        %s```

        """
        .formatted(
            usage.semlux(),
            switch (run.task()) {
              case BI_ENCODER -> usage.encoder("SentenceTransformer");
              case SPARSE_ENCODER -> usage.encoder("SparseEncoder");
              case CROSS_ENCODER -> usage.crossEncoder();
              case MULTI_VECTOR_ENCODER -> usage.sidedEncoder("MultiVectorEncoder");
            });
  }

  private String semlux() {
    String id = id();
    boolean cross = run.task() == Task.CROSS_ENCODER;
    return """
        On the command line, where `%1$s` is this folder:

        ```bash
        %2$s
        ```

        In Elasticsearch with the Semlux plugin:

        ```bash
        semlux deploy %1$s --to http://localhost:9200 --id %3$s
        curl -H 'Content-Type: application/json' -d %4$s \\
          http://localhost:9200/_semlux/models/%3$s/%5$s
        ```
        """
        .formatted(
            shell(run.model().name()),
            cross
                ? "semlux score --model %s --input pairs.jsonl".formatted(shell(run.model().name()))
                : "semlux encode --model %s --input texts.txt".formatted(shell(run.model().name())),
            id,
            shell(cross ? rerankBody() : encodeBody()),
            cross ? "_rerank" : "_encode");
  }

  /** What a cluster takes for an id, as near to the model's name as that goes. */
  private String id() {
    String id =
        run.model()
            .name()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9._-]+", "-")
            .replaceFirst("^[^a-z0-9]+", "");
    return id.isEmpty() ? "model" : id.substring(0, Math.min(100, id.length()));
  }

  private String encodeBody() {
    return "{\"input_type\": \"document\", \"texts\": [%s]}"
        .formatted(sentences().map(QUOTING::toJson).collect(joining(", ")));
  }

  private String rerankBody() {
    return "{\"query\": %s, \"documents\": [%s]}"
        .formatted(
            QUOTING.toJson(samples.get(0).texts().get(0)),
            samples.stream()
                .map(pair -> QUOTING.toJson(pair.texts().get(1)))
                .collect(joining(", ")));
  }

  private Stream<String> sentences() {
    return samples.stream()
        .flatMap(pair -> Stream.of(pair.texts().get(0), pair.texts().get(1)))
        .limit(3);
  }

  private String sidedEncoder(String type) {
    return """
        from sentence_transformers import %1$s

        model = %1$s(%2$s)
        queries = model.encode_query([%3$s])
        documents = model.encode_document([
        %4$s])
        print(model.similarity(queries, documents).shape)
        # [1, %5$s]
        """
        .formatted(
            type,
            QUOTING.toJson(run.model().name()),
            QUOTING.toJson(samples.get(0).texts().get(0)),
            samples.stream()
                .map(row -> "    " + QUOTING.toJson(row.texts().get(1)) + ",\n")
                .collect(joining()),
            samples.size());
  }

  private String encoder(String type) {
    if (run.model().routed()) {
      return sidedEncoder(type);
    }
    long count = sentences().count();
    return """
        from sentence_transformers import %1$s

        model = %1$s(%2$s)
        sentences = [
        %3$s]
        embeddings = model.encode(sentences)
        print(embeddings.shape)
        # [%4$s, %5$s]

        similarities = model.similarity(embeddings, embeddings)
        print(similarities.shape)
        # [%4$s, %4$s]
        """
        .formatted(
            type,
            QUOTING.toJson(run.model().name()),
            sentences().map(text -> "    " + QUOTING.toJson(text) + ",\n").collect(joining()),
            count,
            run.model().dimensions());
  }

  private String crossEncoder() {
    return """
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(%s)
        pairs = [
        %s]
        scores = model.predict(pairs)
        print(scores.shape)
        # (%s,)
        """
        .formatted(
            QUOTING.toJson(run.model().name()),
            samples.stream()
                .map(
                    pair ->
                        "    (%s, %s),\n"
                            .formatted(
                                QUOTING.toJson(pair.texts().get(0)),
                                QUOTING.toJson(pair.texts().get(1))))
                .collect(joining()),
            samples.size());
  }

  /** One word for a shell. */
  private static String shell(String text) {
    return text.matches("[\\w./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
