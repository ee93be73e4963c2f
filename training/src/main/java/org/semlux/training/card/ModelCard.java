package org.semlux.training.card;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The model card, {@value #FILE} of a model folder: YAML that hubs read, then what people want to
 * know, under the headings of sentence-transformers' own cards.
 *
 * {@snippet lang=java :
 * Path data = Path.of("train.csv");
 * TrainingRows rows = TrainingRows.read(data, Split.TRAIN, System.err::println);
 * DatasetSummary train =
 *     DatasetSummary.of(
 *         "train", data, rows, new ScoreScale(1), text -> List.of(text.split(" ")));
 * TrainingRun run =
 *     new TrainingRun(
 *         Task.BI_ENCODER,
 *         BaseModel.of(Path.of("minilm")),
 *         new TrainingRun.Model("minilm-stsb", 256, 384, "cosine", "Transformer, Pooling", false),
 *         new TrainingRun.Loss("CoSENTLoss", Map.of("scale", 20.0)),
 *         new TrainingRun.Hyperparameters(Map.of("num_train_epochs", 1), Map.of()),
 *         List.of(train),
 *         List.of(),
 *         new TrainingRun.History(List.of(), List.of(), 360),
 *         List.of(),
 *         List.of(),
 *         new TrainingRun.Duration(Instant.now(), 95, 0, 180),
 *         Hardware.current(),
 *         Versions.current(),
 *         Energy.DEFAULT,
 *         42);
 * ModelCard.write(Path.of("minilm-stsb"), run);
 * }
 */
public final class ModelCard {
  /** The name of the file in a model folder. */
  public static final String FILE = "README.md";

  private final TrainingRun run;

  private ModelCard(TrainingRun run) {
    this.run = run;
  }

  /** Writes the card into a model folder. */
  public static void write(Path folder, TrainingRun run) throws IOException {
    Files.writeString(folder.resolve(FILE), new ModelCard(run).text());
  }

  private String text() throws IOException {
    String title = kind().replace(" ", "") + " based on " + run.base().name();
    return String.join(
        "",
        CardHeader.of(run, title),
        "\n# " + title + "\n\n",
        summary(),
        details(),
        CardUsage.of(run),
        CardEvaluation.of(run),
        "## Training Details\n\n",
        CardDatasets.of(run),
        hyperparameters(),
        CardLogs.of(run),
        impact(),
        circumstances(),
        citation());
  }

  private String kind() {
    return switch (run.task()) {
      case BI_ENCODER -> "Sentence Transformer";
      case SPARSE_ENCODER -> "SPLADE Sparse Encoder";
      case CROSS_ENCODER -> "Cross Encoder";
      case MULTI_VECTOR_ENCODER -> "Multi-Vector Encoder";
    };
  }

  private String summary() {
    String purpose =
        switch (run.task()) {
          case BI_ENCODER ->
              "It gives a text a vector of %,d numbers, for semantic search, clustering and the"
                  + " comparison of texts.";
          case SPARSE_ENCODER ->
              "It gives a text weights of some of %,d terms, for search in an inverted index.";
          case CROSS_ENCODER -> "It scores how well two texts go together, for reranking.";
          case MULTI_VECTOR_ENCODER ->
              "It gives each token of a text a vector of %,d numbers, for reranking by late"
                  + " interaction.";
        };
    return String.format(
        Locale.ROOT,
        "This model was fine-tuned from `%s` on `%s` by Semlux. " + purpose + "\n\n",
        run.base().name(),
        run.train().name(),
        run.model().dimensions());
  }

  private String details() {
    TrainingRun.Model model = run.model();
    boolean cross = run.task() == Task.CROSS_ENCODER;
    String languages = String.join(", ", run.base().languages());
    return """
        ## Model Details

        ### Model Description

        - **Model Type:** %s
        - **Base model:** `%s` (SHA-256 of its weights: `%s`)
        - **Maximum Sequence Length:** %s tokens
        - **%s:** %s %s
        %s- **Training Dataset:** `%s`
        - **Language:** %s
        - **License:** %s

        ### Model Sources

        - **Semlux:** version %s, the library that trained this model
        - **Documentation:** [Sentence Transformers Documentation](https://sbert.net), whose folder \
        format this is

        ### Full Model Architecture

        ```
        %s
        ```

        """
        .formatted(
            kind(),
            run.base().name(),
            run.base().sha256(),
            model.maxTokens(),
            cross ? "Number of Output Labels" : "Output Dimensionality",
            model.dimensions(),
            cross ? (model.dimensions() == 1 ? "label" : "labels") : "dimensions",
            cross ? "" : "- **Similarity Function:** " + model.similarity() + "\n",
            run.train().name(),
            languages.isEmpty() ? "unknown" : languages,
            run.base().license().isEmpty() ? "unknown" : run.base().license(),
            run.versions().semlux(),
            model.architecture().stripTrailing());
  }

  private String hyperparameters() {
    Map<String, Object> chosen = run.hyperparameters().nonDefault();
    return """
        ### Training Hyperparameters

        #### Non-Default Hyperparameters

        %s
        #### All Hyperparameters

        <details><summary>Click to expand</summary>

        %s
        </details>

        """
        .formatted(
            chosen.isEmpty() ? "All are the defaults.\n" : items(chosen),
            items(run.hyperparameters().all()));
  }

  private static String items(Map<String, Object> values) {
    return values.entrySet().stream()
        .map(entry -> "- `" + entry.getKey() + "`: " + Figures.setting(entry.getValue()) + "\n")
        .collect(joining());
  }

  private String impact() {
    double cpuSeconds = run.duration().cpuSeconds();
    Energy energy = run.energy();
    return String.format(
        Locale.ROOT,
        """
        ### Environmental Impact

        Estimated from %s of CPU time, not measured: %.1f W for each busy core, with its share of \
        memory, supply and cooling, and %.0f g of CO2 equivalents for each kWh.

        - **Energy Consumed**: %.4f kWh
        - **Carbon Emitted**: %.4f kg of CO2

        """,
        Figures.duration(cpuSeconds),
        energy.wattsPerCore(),
        energy.gramsPerKilowattHour(),
        energy.kilowattHours(cpuSeconds),
        energy.grams(cpuSeconds) / 1000);
  }

  private String circumstances() {
    TrainingRun.Duration duration = run.duration();
    Versions versions = run.versions();
    return String.format(
        Locale.ROOT,
        """
        ### Training Hardware

        - **GPU Model**: No GPU used
        - **CPU Model**: %s
        - **Cores**: %d
        - **RAM Size**: %.2f GB

        ### Training Time

        - **Training**: %s
        - **Evaluation**: %s
        - **Total**: %s

        ### Framework Versions

        - Semlux: %s (%s)
        - Java: %s
        - PyTorch: %s
        - DJL: %s
        - Tokenizers: %s

        """,
        run.hardware().cpuModel(),
        run.hardware().cores(),
        run.hardware().memoryBytes() / 1e9,
        Figures.duration(duration.trainingSeconds()),
        Figures.duration(duration.evaluationSeconds()),
        Figures.duration(duration.totalSeconds()),
        versions.semlux(),
        versions.semluxId(),
        versions.java(),
        versions.pytorch(),
        versions.djl(),
        versions.tokenizers());
  }

  private String citation() throws IOException {
    StringBuilder text = new StringBuilder("## Citation\n\n### BibTeX\n");
    for (String name : Stream.concat(Stream.of("Sentence Transformers"), losses()).toList()) {
      try (InputStream entry = paper(name.replace(" ", ""))) {
        if (entry != null) {
          String bibtex = new String(entry.readAllBytes(), UTF_8);
          text.append("\n#### ")
              .append(name)
              .append("\n\n```bibtex\n")
              .append(bibtex)
              .append("```\n");
        }
      }
    }
    return text.toString();
  }

  /**
   * A loss's own paper, or that of the dense encoders' loss that it is; null where there is none.
   */
  private static InputStream paper(String loss) {
    InputStream own = ModelCard.class.getResourceAsStream("citations/" + loss + ".bib");
    String dense = loss.replaceFirst("^(Sparse|MultiVector)", "");
    return own == null ? ModelCard.class.getResourceAsStream("citations/" + dense + ".bib") : own;
  }

  /** The loss, one that it stands around, and for SPLADE the regulariser: papers of their own. */
  private Stream<String> losses() {
    TrainingRun.Loss loss = run.loss();
    Object inside = loss.parameters().get("loss");
    return Stream.of(
            Stream.of(loss.name()),
            Stream.ofNullable(inside).map(Object::toString),
            loss.name().equals("SpladeLoss") ? Stream.of("FlopsLoss") : Stream.<String>of())
        .flatMap(all -> all);
  }
}
