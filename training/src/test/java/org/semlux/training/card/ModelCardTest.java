package org.semlux.training.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.loss.Loss;
import org.semlux.training.loss.Losses;

class ModelCardTest {
  /** The reference's headings, those of ours among them. */
  private static final List<String> HEADINGS =
      List.of(
          "## Model Details",
          "### Model Description",
          "### Model Sources",
          "### Full Model Architecture",
          "## Usage",
          "### Direct Usage (Semlux)",
          "### Direct Usage (Sentence Transformers)",
          "## Evaluation",
          "### Metrics",
          "## Training Details",
          "### Training Dataset",
          "### Evaluation Datasets",
          "### Training Hyperparameters",
          "### Training Logs",
          "### Environmental Impact",
          "### Training Hardware",
          "### Training Time",
          "### Framework Versions",
          "## Citation",
          "### BibTeX");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Task.class)
  void hasTheHeadingsOfTheReferencesCards(Task task) throws IOException {
    String card = card(Runs.of(task, 29));

    assertThat(card.lines().filter(line -> line.matches("###? .*")))
        .containsExactlyElementsOf(HEADINGS);
    assertThat(card).doesNotContain("null", "Optional", "%s", "NaN");
  }

  @Test
  void theHeaderIsWhatHubsRead() throws IOException {
    assertThat(card(Runs.of(Task.BI_ENCODER, 2)))
        .startsWith(
            """
            ---
            language:
            - en
            license: apache-2.0
            library_name: sentence-transformers
            tags:
            - sentence-transformers
            - sentence-similarity
            - feature-extraction
            - dense
            - semlux
            - generated_from_trainer
            - dataset_size:5749
            - loss:CoSENTLoss
            datasets:
            - sts-train
            - sts-dev
            - sts-test
            metrics:
            - pearson_cosine
            - spearman_cosine
            pipeline_tag: sentence-similarity
            widget:
            - source_sentence: "A plane is taking off."
              sentences:
              - "An air plane is taking off."
              - "Two\\nlines & \\"quotes\\""
              - "A girl dances."
            """)
        .contains(
            """
            model-index:
            - name: "SentenceTransformer based on all-minilm-l6-v2"
              results:
              - task:
                  type: semantic-similarity
                  name: Semantic Similarity
                dataset:
                  name: "sts dev"
                  type: sts-dev
                metrics:
                - type: pearson_cosine
                  value: 0.8712
                  name: Pearson Cosine
                - type: spearman_cosine
                  value: 0.8812
                  name: Spearman Cosine
            """)
        .contains(
            """
            co2_eq_emissions:
              emissions: 4.8
              energy_consumed: 0.01
              source: estimated from CPU time
              training_type: fine-tuning
              cpu_model: "Some CPU @ 2.00GHz"
              ram_total_size: 16.0
              hours_used: 0.02666666666666667
            base_model: all-minilm-l6-v2
            ---
            """);
  }

  @Test
  void theKindOfModelDecidesWhatIsSaidOfIt() throws IOException {
    assertThat(card(Runs.of(Task.SPARSE_ENCODER, 2)))
        .contains("pipeline_tag: feature-extraction", "- text: \"A plane is taking off.\"")
        .contains("from sentence_transformers import SparseEncoder", "/_encode");
    assertThat(card(Runs.of(Task.CROSS_ENCODER, 2)))
        .contains("pipeline_tag: text-ranking", "name: Cross Encoder Correlation")
        .contains("from sentence_transformers import CrossEncoder", "/_rerank", "semlux score")
        .contains("**Number of Output Labels:** 1 label")
        .doesNotContain("Similarity Function");
    assertThat(card(Runs.of(Task.MULTI_VECTOR_ENCODER, 2)))
        .contains("pipeline_tag: feature-extraction", "- late-interaction")
        .contains("from sentence_transformers import MultiVectorEncoder", "encode_query");
  }

  @Test
  void tablesShowTheBaseBesideTheModelAndTheBestRowBold() throws IOException {
    String card = card(Runs.of(Task.BI_ENCODER, 7));

    assertThat(card)
        .contains(
            """
            | Metric              | sts-dev, base | sts-dev    | sts-test, base | sts-test   |
            |:--------------------|:--------------|:-----------|:---------------|:-----------|
            | pearson_cosine      | 0.8103        | 0.8712     | 0.8103         | 0.8357     |
            | **spearman_cosine** | **0.8203**    | **0.8812** | **0.8203**     | **0.8457** |
            """)
        .containsPattern("\\| 2.8571 +\\| 250 +\\| 0.0\\d{3} +\\| 0.8800 +\\|")
        .containsPattern("\\| 3.4286 +\\| 300 +\\| 0.0\\d{3} +\\| - +\\|")
        .containsPattern(
            "\\| \\*\\*4.0000\\*\\* \\| \\*\\*350\\*\\* +\\| \\*\\*0.0\\d{3}\\*\\* +\\| \\*\\*0.8857\\*\\*");
  }

  @Test
  void textsCannotBreakTablesNorCommands() throws IOException {
    assertThat(card(Runs.of(Task.BI_ENCODER, 2)))
        .contains("| <code>It's a &lt;b>man&#124;woman&lt;/b></code> | <code>Two<br>lines &amp; \"")
        .contains("\"It'\\''s a <b>man|woman</b>\"]}' \\")
        .contains("semlux deploy 'Minilm STSb' --to http://localhost:9200 --id minilm-stsb");
  }

  @Test
  void chosenHyperparametersComeFirst() throws IOException {
    String card = card(Runs.of(Task.BI_ENCODER, 2));

    assertThat(card.substring(card.indexOf("#### Non-Default"), card.indexOf("#### All")))
        .contains("- `per_device_train_batch_size`: 16\n- `num_train_epochs`: 4.0\n")
        .doesNotContain("learning_rate", "bf16");
    assertThat(card.substring(card.indexOf("#### All"))).contains("- `learning_rate`: 5e-05\n");
  }

  @Test
  void manyLoggedStepsAreThinnedAndFolded() throws IOException {
    String card = card(Runs.of(Task.BI_ENCODER, 1000));
    String logs = card.substring(card.indexOf("### Training Logs"), card.indexOf("### Environ"));

    assertThat(logs).contains("<details>");
    assertThat(logs.lines().filter(line -> Pattern.matches("\\|.*\\d.*", line)))
        .hasSizeBetween(200, 400);
  }

  @Test
  void energyIsCpuTimeTimesWhatIsAssumed() throws IOException {
    assertThat(card(Runs.of(Task.BI_ENCODER, 2)))
        .contains("Estimated from 1.0 hours of CPU time, not measured: 10.0 W for each busy core")
        .contains("480 g of CO2", "**Energy Consumed**: 0.0100 kWh", "Emitted**: 0.0048 kg");
    assertThat(new Energy(20, 100).grams(7200)).isEqualTo(4);
  }

  /** What the reference's losses cite; those that are missing here cite nothing there either. */
  private static final Map<String, List<String>> CITED =
      Map.ofEntries(
          Map.entry("CoSENTLoss", List.of("CoSENTLoss")),
          Map.entry("AnglELoss", List.of("AnglELoss")),
          Map.entry("MultipleNegativesRankingLoss", List.of("MultipleNegativesRankingLoss")),
          Map.entry("TripletLoss", List.of("TripletLoss")),
          Map.entry("ContrastiveLoss", List.of("ContrastiveLoss")),
          Map.entry("MarginMSELoss", List.of("MarginMSELoss")),
          Map.entry("DistillKLDivLoss", List.of("DistillKLDivLoss")),
          Map.entry(
              "MultiVectorMultipleNegativesRankingLoss",
              List.of("MultiVectorMultipleNegativesRankingLoss")),
          Map.entry("MultiVectorMarginMSELoss", List.of("MultiVectorMarginMSELoss")),
          Map.entry("MultiVectorDistillKLDivLoss", List.of("MultiVectorDistillKLDivLoss")),
          Map.entry("LambdaLoss", List.of("LambdaLoss")),
          Map.entry("RankNetLoss", List.of("RankNetLoss")),
          Map.entry("ListNetLoss", List.of("ListNetLoss")),
          Map.entry("SpladeLoss SparseCosineSimilarityLoss", List.of("SpladeLoss", "FlopsLoss")),
          Map.entry(
              "SpladeLoss SparseMultipleNegativesRankingLoss",
              List.of("SpladeLoss", "SparseMultipleNegativesRankingLoss", "FlopsLoss")),
          Map.entry(
              "SpladeLoss SparseMarginMSELoss",
              List.of("SpladeLoss", "SparseMarginMSELoss", "FlopsLoss")),
          Map.entry(
              "SpladeLoss SparseDistillKLDivLoss",
              List.of("SpladeLoss", "SparseDistillKLDivLoss", "FlopsLoss")));

  static List<Loss> losses() {
    return Losses.all();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aCardCitesWhatItsLossIsFrom(Loss loss) throws IOException {
    TrainingRun run = Runs.of(Task.BI_ENCODER, 2);
    String card =
        card(
            new TrainingRun(
                run.task(),
                run.base(),
                run.model(),
                new TrainingRun.Loss(loss.reference(), loss.parameters()),
                run.hyperparameters(),
                run.training(),
                run.evaluation(),
                run.history(),
                run.results(),
                run.predictions(),
                run.duration(),
                run.hardware(),
                run.versions(),
                run.energy(),
                run.seed()));

    List<String> wanted = new ArrayList<>(List.of("#### Sentence Transformers"));
    Object inside = loss.parameters().getOrDefault("loss", "");
    String all = (loss.reference() + " " + inside).strip();
    CITED.getOrDefault(all, List.of()).forEach(name -> wanted.add("#### " + name));
    String citations = card.substring(card.indexOf("### BibTeX"));
    assertThat(citations.lines().filter(line -> line.startsWith("#### ")))
        .containsExactlyElementsOf(wanted);
    assertThat(card).contains("- loss:" + loss.reference() + "\n");
    assertThat(card).contains("divided by 5");
  }

  @Test
  void samplesAreDifferent() throws IOException {
    Path file = Files.writeString(folder.resolve("x.csv"), "x");
    List<ScoredPair> pairs =
        List.of(
            new ScoredPair("a", "b", 1),
            new ScoredPair("a", "c", 1),
            new ScoredPair("d", "b", 1),
            new ScoredPair("e", "e", 1),
            new ScoredPair("f", "g", 1),
            new ScoredPair("h", "i", 1));

    assertThat(
            DatasetSummary.of(
                    "x",
                    file,
                    TrainingRows.of(PairColumns.DEFAULT, pairs),
                    new ScoreScale(1),
                    text -> List.of())
                .samples())
        .containsExactly(
            TrainingRow.of(pairs.get(0)),
            TrainingRow.of(pairs.get(3)),
            TrainingRow.of(pairs.get(4)));
  }

  @Test
  void everyLossOfTheTrainerHasItsPaper() throws IOException {
    for (String loss : List.of("CoSENTLoss", "AnglELoss", "SpladeLoss", "FlopsLoss")) {
      try (var entry = ModelCard.class.getResourceAsStream("citations/" + loss + ".bib")) {
        assertThat(entry).as(loss).isNotNull();
      }
    }
    assertThat(card(Runs.of(Task.BI_ENCODER, 2)))
        .contains("@inproceedings{reimers-2019-sentence-bert,", "@article{huang-2024-cosent,");
  }

  @Test
  void durationsReadWell() {
    assertThat(IntStream.of(59, 90, 5400, 172_800).mapToObj(Figures::duration))
        .containsExactly("59.0 seconds", "1.5 minutes", "1.5 hours", "2.0 days");
    assertThat(Figures.setting(2.5e-7)).isEqualTo("2.5e-07");
    assertThat(Figures.setting(0.1)).isEqualTo("0.1");
    assertThat(Figures.setting("linear")).isEqualTo("linear");
  }

  private String card(TrainingRun run) throws IOException {
    ModelCard.write(folder, run);
    return Files.readString(folder.resolve("README.md"));
  }
}
