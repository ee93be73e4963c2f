package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.card.BaseModel;
import org.semlux.training.deploy.Manifest;

class AdaptCommandTest {
  private static final int DOCUMENTS = 120;

  @TempDir Path folder;

  private Path corpus() throws IOException {
    String words =
        "river rain water sea snow wind storm bread baker kitchen soup cook rice salt apple market"
            + " train bike road city bridge map travel ship port piano song band music film book"
            + " letter cat dog horse bird tree leaf garden seed bee doctor heart sleep pain cure";
    String[] all = words.split(" ");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      String a = all[i % all.length];
      String b = all[(i * 7 + 3) % all.length];
      String c = all[(i * 11 + i / 40) % all.length];
      lines.add(
          "{\"title\":\"%1$s %2$s %3$d\",\"text\":\"The %1$s is near the %2$s. A %3$s and %4$d.\"}"
              .replace("%1$s", a)
              .replace("%2$s", b)
              .replace("%3$s", c)
              .replace("%3$d", Integer.toString(i))
              .replace("%4$d", Integer.toString(i)));
    }
    return Files.write(folder.resolve("corpus.jsonl"), lines);
  }

  private CommandLineRun adapt(Path corpus, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("adapt", "--corpus", corpus));
    if (!List.of(more).contains("--base")) {
      arguments.addAll(List.of("--base", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    }
    arguments.addAll(List.of("--output", folder.resolve("adapted")));
    if (!List.of(more).contains("--held-out")) {
      arguments.addAll(List.of("--held-out", 0.25));
    }
    arguments.addAll(List.of("--per-device-train-batch-size", 16));
    if (!List.of(more).contains("--num-negatives")) {
      arguments.addAll(List.of("--num-negatives", 2));
    }
    arguments.addAll(List.of(more));
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void judgesByWhatItNeverLearntFrom() throws IOException {
    Path corpus = corpus();
    Object[] options = {"--learning-rate", 1e-3, "--num-train-epochs", 3, "--base-share", 0.5};
    CommandLineRun run = adapt(corpus, options);
    assertThat(run.exitCode()).as(run.err()).isZero();

    Path output = folder.resolve("adapted");
    JsonObject report = read(output.resolve("adaptation.json"));
    JsonObject held = report.getAsJsonArray("judged").get(0).getAsJsonObject();
    JsonObject ndcg = held.getAsJsonObject("metrics").getAsJsonObject("ndcg@10");
    double low = ndcg.get("low").getAsDouble();
    assertThat(held.get("queries").getAsInt()).isEqualTo(DOCUMENTS / 4);
    assertThat(ndcg.get("difference").getAsDouble())
        .isCloseTo(ndcg.get("adapted").getAsDouble() - ndcg.get("base").getAsDouble(), within(1e-9))
        .isBetween(low, ndcg.get("high").getAsDouble());
    assertThat(report.get("better").getAsBoolean()).isEqualTo(low > 0);
    assertThat(run.err()).contains(report.get("verdict").getAsString());
    Path base = CommandLineRun.golden("dense-mpnet-mean-normalize");
    JsonObject before = report.getAsJsonObject("base");
    assertThat(before.get("name").getAsString()).isEqualTo(base.toString());
    assertThat(before.get("sha256").getAsString()).isEqualTo(BaseModel.of(base).sha256());
    assertThat(before.get("version").getAsString())
        .isEqualTo(Manifest.of(base, Precision.AUTO, hashed -> {}).version());

    JsonObject texts = report.getAsJsonObject("corpus");
    assertThat(texts.get("file").getAsString()).isEqualTo(corpus.toString());
    assertThat(texts.get("sha256").getAsString()).isEqualTo(Sha256.of(corpus));
    assertThat(texts.get("searched").getAsInt()).isEqualTo(DOCUMENTS);
    assertThat(texts.get("documents").getAsInt()).isEqualTo(DOCUMENTS);
    assertThat(report.get("seed").getAsInt()).isEqualTo(42);
    JsonObject chosen = report.getAsJsonObject("options");
    assertThat(chosen.get("learning_rate").getAsDouble()).isEqualTo(1e-3);
    assertThat(chosen.get("base_share").getAsDouble()).isEqualTo(0.5);
    assertThat(chosen.get("teacher").getAsString())
        .isEqualTo("the tokens of dense-mpnet-mean-normalize, compared one by one");
    assertThat(chosen.get("num_negatives").getAsInt()).isEqualTo(2);
    assertThat(output.resolve("README.md"))
        .content()
        .contains("base_model: \"dense-mpnet-mean-normalize\"")
        .contains("(SHA-256 of its files: `" + BaseModel.of(base).sha256() + "`)")
        .contains("those of the base count 0.50, those that training ended with 0.50")
        .contains(report.get("verdict").getAsString(), "120 documents were searched")
        .contains("- `learning_rate`: 0.001\n", "- `seed`: 42\n");

    // No text of a held-out document is learnt from, neither as an answer nor as a negative.
    List<String> rows = Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"));
    Set<String> asked = new HashSet<>();
    for (String line : rows) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      asked.add(row.get("anchor").getAsString());
      assertThat(row.keySet())
          .containsExactly("anchor", "positive", "negative_1", "negative_2", "scores");
      assertThat(row.get("negative_1")).isNotEqualTo(row.get("negative_2"));
    }
    List<String> titles =
        Files.readAllLines(corpus).stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject().get("title").getAsString())
            .toList();
    List<String> untouched = titles.stream().filter(title -> !asked.contains(title)).toList();
    assertThat(untouched).hasSize(DOCUMENTS / 4);
    List<String> numbers = untouched.stream().map(title -> title.split(" ")[2]).toList();
    assertThat(rows).noneMatch(row -> numbers.stream().anyMatch(n -> row.contains(" " + n + ".")));

    // Half of the weights is the base's.
    Safetensors old = Safetensors.open(base.resolve("model.safetensors"));
    Safetensors after = Safetensors.open(folder.resolve("adapted.work/trained/model.safetensors"));
    Safetensors mean = Safetensors.open(output.resolve("model.safetensors"));
    assertThat(mean.names()).isEqualTo(after.names());
    String name =
        mean.names().stream().filter(n -> n.contains("layer.0")).findFirst().orElseThrow();
    float[] x = old.find(name).orElseThrow().toFloats();
    float[] y = after.find(name).orElseThrow().toFloats();
    assertThat(x).isNotEqualTo(y);
    for (int i = 0; i < x.length; i++) {
      assertThat(mean.find(name).orElseThrow().toFloats()[i])
          .isEqualTo((float) (0.5 * x[i] + 0.5 * y[i]));
    }

    // What is done is not done again.
    Files.writeString(output.resolve("README.md"), "mine");
    FileTime trained = Files.getLastModifiedTime(output.resolve("model.safetensors"));
    Path settings = folder.resolve("adapted.work/settings");
    FileTime begun = Files.getLastModifiedTime(settings);
    CommandLineRun again = adapt(corpus, options);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(Files.getLastModifiedTime(output.resolve("model.safetensors"))).isEqualTo(trained);
    assertThat(Files.getLastModifiedTime(settings)).isEqualTo(begun);
    assertThat(output.resolve("README.md")).hasContent("mine");
    assertThat(read(output.resolve("adaptation.json"))).isEqualTo(report);
    for (Object[] changed :
        new Object[][] {
          {"--num-train-epochs", 2},
          {"--learning-rate", 2e-3, "--num-train-epochs", 3},
          {"--learning-rate", 1e-3, "--num-train-epochs", 3, "--base-share", 0.25},
          {"--learning-rate", 1e-3, "--num-train-epochs", 3, "--lora-rank", 4}
        }) {
      CommandLineRun changedRun = adapt(corpus, changed);
      assertThat(changedRun.exitCode()).as(changedRun.err()).isEqualTo(1);
      assertThat(changedRun.err())
          .contains("was trained by a run with other settings: delete it", "adapted.work/trained");
    }
    CommandLineRun other = adapt(corpus, "--seed", 7);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("was left by a run with other texts or settings");
  }

  /** Whoever reads a report wants to see what was found, and of how much. */
  @Test
  void theReportShowsWhatWasFound() throws IOException {
    Path corpus = corpus();
    CommandLineRun run =
        adapt(corpus, "--learning-rate", 5e-3, "--max-documents", 100, "--base-share", 0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = read(folder.resolve("adapted/adaptation.json"));
    JsonObject texts = report.getAsJsonObject("corpus");
    assertThat(texts.get("searched").getAsInt()).isEqualTo(100);
    assertThat(texts.get("documents").getAsInt()).isEqualTo(DOCUMENTS);
    assertThat(texts.get("whole").getAsBoolean()).isFalse();
    assertThat(folder.resolve("adapted/README.md"))
        .content()
        .contains("Its weights are those that training ended with.")
        .contains("100 of 120 documents were searched, those with answers among them");
    JsonObject held = report.getAsJsonArray("judged").get(0).getAsJsonObject();
    JsonArray examples = held.getAsJsonArray("got_better");
    examples.addAll(held.getAsJsonArray("got_worse"));
    assertThat(examples).isNotEmpty();
    List<String> lines = Files.readAllLines(corpus);
    for (JsonElement element : examples) {
      JsonObject example = element.getAsJsonObject();
      for (String side : List.of("base", "adapted")) {
        List<JsonObject> hits =
            example.getAsJsonArray(side + "_hits").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
        assertThat(hits).hasSize(5);
        for (JsonObject hit : hits) {
          JsonObject document =
              JsonParser.parseString(lines.get(hit.get("id").getAsInt() - 1)).getAsJsonObject();
          assertThat(hit.get("text")).isEqualTo(document.get("text"));
          assertThat(hit.get("relevant").getAsBoolean())
              .isEqualTo(document.get("title").equals(example.get("query")));
        }
        boolean found = hits.stream().anyMatch(hit -> hit.get("relevant").getAsBoolean());
        double fifth = Math.log(2) / Math.log(6); // NDCG of a sole answer there
        assertThat(found).isEqualTo(example.get(side).getAsDouble() >= fifth - 1e-9);
      }
    }
  }

  /** Titles and texts share no word; that a stone stands for a river can only be learnt. */
  @Test
  void whatTheBaseCannotKnowIsLearnt() throws IOException {
    String[] words =
        ("river rain water sea snow wind storm bread baker kitchen soup cook rice salt apple market"
                + " train bike road city bridge map travel ship port piano song band music film")
            .split(" ");
    Random random = new Random(1);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      StringBuilder title = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int j = 0; j < 3; j++) {
        int word = random.nextInt(words.length / 2);
        title.append(words[word]).append(' ');
        text.append(words[words.length / 2 + word]).append(' ');
      }
      lines.add("{\"title\":\"%s\",\"text\":\"%s\"}".formatted(title, text));
    }
    CommandLineRun run =
        adapt(
            Files.write(folder.resolve("words.jsonl"), lines),
            "--learning-rate",
            5e-3,
            "--num-train-epochs",
            15,
            "--sentences",
            0,
            "--num-negatives", // its own tokens know it no better
            0,
            "--base-share",
            0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    assertThat(read(folder.resolve("adapted/adaptation.json")).get("better").getAsBoolean())
        .as(run.err())
        .isTrue();
  }

  /** Hours before the model would be put there. */
  @Test
  void anOutputThatHoldsSomethingIsRefusedAtOnce() throws IOException {
    Path output = Files.createDirectories(folder.resolve("adapted"));
    Files.writeString(output.resolve("config.json"), "{}");
    CommandLineRun run = adapt(corpus());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("semlux: " + output + " is there already: give another --output\n");
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  /** Nothing has been done that another run could go on from. */
  @Test
  void aRunThatFoundTooLittleIsInNobodysWay() throws IOException {
    Path few = Files.writeString(folder.resolve("few.txt"), "one text\nanother text\n");
    assertThat(adapt(few).err()).contains("2 documents give");
    assertThat(adapt(few, "--seed", 7).err()).contains("2 documents give");
    CommandLineRun run = adapt(corpus(), "--learning-rate", 0, "--max-pairs", 40);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("120 of 120 documents");
  }

  @Test
  void aFolderOfWorkThatNoRunMadeIsLeftAsItIs() throws IOException {
    Path documents = folder.resolve("adapted.work/documents.jsonl");
    Files.createDirectory(documents.getParent());
    Files.writeString(documents, "mine");
    CommandLineRun run = adapt(corpus());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "semlux: " + documents.getParent() + " is there already: give another --output\n");
    assertThat(documents).hasContent("mine");
  }

  /** An index that maps body alone and has pages of the same documents without end, or one. */
  private HttpServer index(List<String> documents, AtomicInteger pages, boolean endless)
      throws IOException {
    List<String> hits = new ArrayList<>();
    for (String document : documents) {
      hits.add("{\"_id\":\"%s\",\"sort\":[1],\"_source\":%s}".formatted(hits.size(), document));
    }
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          String answer = "{\"id\":\"pit\"}";
          if (exchange.getRequestURI().getPath().equals("/articles/_field_caps")) {
            answer = "{\"fields\":{\"body\":{\"text\":{}},\"n\":{\"long\":{}}}}";
          } else if (exchange.getRequestURI().getPath().equals("/_search")) {
            boolean some = pages.getAndIncrement() == 0 || endless;
            answer =
                "{\"pit_id\":\"pit\",\"_shards\":{\"failed\":0},\"hits\":{\"hits\":["
                    + (some ? String.join(",", hits) : "")
                    + "]}}";
          }
          byte[] bytes = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }

  private CommandLineRun adaptFrom(HttpServer server, String options) {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    return CommandLineRun.of(
        (Object[])
            ("adapt --from " + url + " --index articles --output " + folder.resolve("adapted"))
                .concat(" --base " + CommandLineRun.golden("dense-mpnet-mean-normalize"))
                .concat(" --held-out 0.25 --learning-rate 0 " + options)
                .split(" "));
  }

  /** Before all of the index has been read. */
  @Test
  void aFieldThatNeitherMappingNorDocumentsHaveIsSaid() throws IOException {
    AtomicInteger pages = new AtomicInteger();
    HttpServer server = index(Collections.nCopies(500, "{\"body\":\"A text.\"}"), pages, true);
    try {
      for (String options : List.of("--field bdoy", "--field body --title-field headline")) {
        pages.set(0);
        CommandLineRun run = adaptFrom(server, options);
        assertThat(run.exitCode()).isEqualTo(1);
        String field = options.substring(options.lastIndexOf(' ') + 1);
        assertThat(run.err())
            .endsWith(
                "semlux: [articles] maps no field ["
                    + field
                    + "] and none of its first 1000 documents has it, it has texts in [body]\n");
        assertThat(pages).hasValue(2);
      }
    } finally {
      server.stop(0);
    }
  }

  /** As with dynamic mappings off: the texts are there, and no search finds them. */
  @Test
  void aFieldThatOnlyDocumentsHaveIsLearntFrom() throws IOException {
    HttpServer server = index(Files.readAllLines(corpus()), new AtomicInteger(), false);
    try {
      CommandLineRun run = adaptFrom(server, "--field text");
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err())
          .contains("[articles] maps no field [text]: looking into its documents")
          .contains("120 of 120 documents")
          .contains(
              "Words are searched for here, with another BM25: [articles] maps no field [text]");
    } finally {
      server.stop(0);
    }
  }

  /** A model that learns nothing is none the better. */
  @Test
  void nothingIsCalledBetterThatIsNot() throws IOException {
    CommandLineRun run = adapt(corpus(), "--learning-rate", 0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.get("better").getAsBoolean()).isFalse();
    assertThat(report.get("verdict").getAsString()).startsWith("Nobody can tell whether");
    assertThat(
            report.getAsJsonArray("judged").get(0).getAsJsonObject().getAsJsonArray("got_better"))
        .isEmpty();
  }

  /**
   * What tokens say of documents is what the mean of their states learns, but for what people
   * opened: that stands first.
   */
  @Test
  void aBaseTeachesItself() throws IOException {
    List<String> clicks = new ArrayList<>();
    for (int i = 1; i <= DOCUMENTS; i += 5) { // without ids documents go by their lines
      clicks.add("which one is %s\t%s".formatted(i, i));
    }
    Path clicked = Files.write(folder.resolve("clicks.tsv"), clicks);
    CommandLineRun run =
        adapt(corpus(), "--learning-rate", 0, "--num-negatives", 3, "--clicks", clicked);
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> pairs = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"))) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      List<String> texts = List.of("positive", "negative_1", "negative_2", "negative_3");
      boolean opened = row.get("anchor").getAsString().startsWith("which");
      double best = 0;
      for (int i = texts.size() - 1; i >= 0; i--) {
        double score = row.getAsJsonArray("scores").get(i).getAsDouble();
        if (i == 0 && opened) {
          assertThat(score).isGreaterThan(best + 0.04);
        } else {
          best = Math.max(best, score);
          pairs.add(new Gson().toJson(List.of(row.get("anchor"), row.get(texts.get(i)))));
          scores.add(score);
        }
      }
    }
    assertThat(pairs).anyMatch(pair -> pair.contains("which"));
    Path teacher = folder.resolve("adapted.work/own_teacher");
    assertThat(ModelFolder.open(teacher).kind()).isEqualTo(EncoderKind.MULTI_VECTOR);
    String input = String.join("\n", pairs) + "\n";
    CommandLineRun said =
        CommandLineRun.withInput(input, "score", "--model", teacher, "--input", "-");
    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out().lines())
        .zipSatisfy(
            scores,
            (line, score) ->
                assertThat(
                        JsonParser.parseString(line).getAsJsonObject().get("score").getAsDouble())
                    .isCloseTo(score, within(1e-5)));
    assertThat(folder.resolve("adapted.work/trained/README.md"))
        .content()
        .contains("DistillKLDivLoss", "`temperature` 0.05");
  }

  /** The other answers of a batch are what a query is told from. */
  @Test
  void titlesAreLearntWithoutMinedNegatives() throws IOException {
    Path base = CommandLineRun.golden("dense-mpnet-mean-normalize");
    CommandLineRun run =
        CommandLineRun.of(
            "adapt",
            "--corpus",
            corpus(),
            "--base",
            base,
            "--output",
            folder.resolve("adapted"),
            "--held-out",
            0.25,
            "--num-negatives",
            0,
            "--learning-rate",
            0);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("Mining");
    for (String row : Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"))) {
      assertThat(JsonParser.parseString(row).getAsJsonObject().keySet())
          .containsExactly("anchor", "positive");
    }
    assertThat(folder.resolve("adapted.work/trained/README.md")).content().contains("`scale` 12.0");

    CommandLineRun reranker =
        adapt(corpus(), "--task", "cross-encoder", "--retriever", base, "--scale", 12);
    assertThat(reranker.exitCode()).isEqualTo(2);
    assertThat(reranker.err()).contains("--scale is of a bi-encoder that nothing teaches");
  }

  /** Where nothing is mined, how it would be is asked in vain. */
  @ParameterizedTest
  @CsvSource({
    "--relative-margin 0.1, bi-encoder, --relative-margin is of negatives",
    "--retriever BASE --num-negatives 0, bi-encoder, --retriever finds nothing here",
    "--retriever BASE --num-negatives 0, sparse-encoder, --retriever finds nothing here",
    "--base-share 0.3 --retriever BASE, cross-encoder, --base-share is a mean with the base"
  })
  void whatWouldChangeNothing(String options, String task, String said) throws IOException {
    String base = CommandLineRun.golden("dense-mpnet-mean-normalize").toString();
    Object[] arguments =
        ("adapt --corpus "
                + corpus()
                + " --base "
                + base
                + " --output "
                + folder.resolve("adapted"))
            .concat(" --task " + task + " " + options.replace("BASE", base))
            .split(" ");
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(said);
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  /** A line has no fields. */
  @ParameterizedTest
  @ValueSource(strings = {"--field", "--title-field"})
  void fieldsOfLines(String option) throws IOException {
    Path lines = Files.writeString(folder.resolve("lines.txt"), "one text\nanother text\n");
    CommandLineRun run = adapt(lines, option, "body");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--field and --title-field are of an index or of JSON lines");
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  /** A reranker is held against the one that it was, and beside that against what is reranked. */
  @Test
  void aRerankerThatLearnsNothingIsNoneTheBetter() throws IOException {
    Object[] options = {
      "--task",
      "cross-encoder",
      "--base",
      CommandLineRun.golden("cross-bert"),
      "--retriever",
      CommandLineRun.golden("dense-mpnet-mean-normalize"),
      "--learning-rate",
      0,
      "--max-pairs",
      40
    };
    CommandLineRun run = adapt(corpus(), options);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.get("better").getAsBoolean()).isFalse();
    JsonObject ndcg = ndcg(report, "judged");
    assertThat(ndcg.get("adapted")).isEqualTo(ndcg.get("base"));
    assertThat(ndcg(report, "beside").get("adapted")).isEqualTo(ndcg.get("adapted"));
    assertThat(ndcg(report, "beside").get("base")).isNotEqualTo(ndcg.get("base"));
  }

  private static JsonObject ndcg(JsonObject report, String sets) {
    JsonObject first = report.getAsJsonArray(sets).get(0).getAsJsonObject();
    return first.getAsJsonObject("metrics").getAsJsonObject("ndcg@10");
  }

  /** A base whose vectors' lengths count is searched and trained so; what nothing searches by. */
  @Test
  void theBasesOwnSimilarity() throws IOException {
    Path base = copy(CommandLineRun.golden("dense-roberta-mean"));
    Path settings = base.resolve("config_sentence_transformers.json");
    String cosine = Files.readString(settings);
    Files.writeString(settings, cosine.replace("\"cosine\"", "\"dot\""));
    CommandLineRun run = adapt(corpus(), "--base", base, "--max-pairs", 40);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject loss =
        read(folder.resolve("adapted.work/trained/provenance.json")).getAsJsonObject("loss");
    assertThat(loss.toString()).contains("dot_score").doesNotContain("cos_sim");

    Files.writeString(settings, cosine.replace("\"cosine\"", "\"manhattan\""));
    CommandLineRun refused = adapt(corpus(), "--base", base);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("its similarity_fn_name is manhattan");
  }

  /** A sparse encoder beside BM25, and a reranker beside what it reranks. */
  @ParameterizedTest
  @CsvSource({
    "bi-encoder, dense-bert-mean-normalize, cross-bert",
    "sparse-encoder, sparse-bert, ",
    "sparse-encoder, sparse-bert, cross-bert",
    "cross-encoder, cross-bert, ",
    "cross-encoder, dense-roberta-mean, cross-bert",
    "multi-vector-encoder, dense-roberta-mean, ",
    "multi-vector-encoder, dense-bert-mean-normalize, cross-bert",
    "multi-vector-encoder, multi-vector-bert-fixed, "
  })
  void otherModelsAreAdaptedToo(String task, String base, String teacher) throws IOException {
    List<Object> options = new ArrayList<>(List.of("--task", task));
    options.addAll(List.of("--base", CommandLineRun.golden(base)));
    options.addAll(List.of("--retriever", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    options.addAll(List.of("--lora-rank", 4, "--learning-rate", 1e-3));
    if (teacher != null) {
      options.addAll(List.of("--teacher", CommandLineRun.golden(teacher)));
    }
    if (task.equals("cross-encoder") || teacher == null) {
      options.addAll(List.of("--relative-margin", 0)); // random vectors are near each other
    }
    CommandLineRun run = adapt(corpus(), options.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();

    Path output = folder.resolve("adapted");
    JsonObject report = read(output.resolve("adaptation.json"));
    EncoderKind kind =
        task.equals("bi-encoder")
            ? EncoderKind.DENSE
            : EncoderKind.valueOf(
                task.replace("-encoder", "").replace('-', '_').toUpperCase(Locale.ROOT));
    boolean sparse = kind == EncoderKind.SPARSE;
    boolean same = ModelFolder.open(CommandLineRun.golden(base)).kind() == kind;
    assertThat(report.has("beside")).isEqualTo(same);
    assertThat(report.getAsJsonArray("judged")).hasSize(1);
    assertThat(ModelFolder.open(output).kind()).isEqualTo(kind);
    Safetensors after = Safetensors.open(output.resolve("model.safetensors"));
    assertThat(after.names()).noneMatch(name -> name.contains("lora"));
    if (sparse) { // a tied word embedding does not learn beside narrow matrices
      String name = "bert.embeddings.word_embeddings.weight";
      Safetensors before =
          Safetensors.open(CommandLineRun.golden(base).resolve("model.safetensors"));
      assertThat(after.find(name).orElseThrow().toFloats())
          .isEqualTo(before.find(name).orElseThrow().toFloats());
    }
  }

  /** Of the size of what the model itself gives, before any softmax or sigmoid. */
  @ParameterizedTest
  @CsvSource({
    "bi-encoder, dense-mpnet-mean-normalize, cross-bert, 0.05, `temperature` 0.05",
    "bi-encoder, dense-mpnet-mean-normalize, , 1, `temperature` 0.05",
    "sparse-encoder, sparse-bert, cross-bert, 1, SparseDistillKLDivLoss"
  })
  void aTeachersScoresAreOfTheModelsSize(
      String task, String base, String teacher, double scale, String loss) throws IOException {
    List<Object> options = new ArrayList<>(List.of("--task", task, "--learning-rate", 0));
    options.addAll(List.of("--base", CommandLineRun.golden(base)));
    options.addAll(List.of("--retriever", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    if (teacher != null) {
      options.addAll(List.of("--teacher", CommandLineRun.golden(teacher)));
    }
    CommandLineRun run = adapt(corpus(), options.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path work = folder.resolve("adapted.work");
    JsonObject row =
        JsonParser.parseString(Files.readAllLines(work.resolve("rows.jsonl")).get(0))
            .getAsJsonObject();
    String pair = new Gson().toJson(List.of(row.get("anchor"), row.get("negative_1"))) + "\n";
    Path tells = teacher == null ? work.resolve("own_teacher") : CommandLineRun.golden(teacher);
    CommandLineRun said = CommandLineRun.withInput(pair, "score", "--model", tells, "--input", "-");
    assertThat(said.exitCode()).as(said.err()).isZero();
    JsonObject answer = JsonParser.parseString(said.out()).getAsJsonObject();
    double score = answer.get(teacher == null ? "score" : "raw").getAsDouble();
    assertThat(row.getAsJsonArray("scores").get(1).getAsDouble())
        .isCloseTo(scale * score, within(scale * 1e-3));
    assertThat(work.resolve("trained/README.md")).content().contains("DistillKLDivLoss", loss);
    JsonObject report = read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.getAsJsonObject("options").get("teacher").getAsString())
        .isEqualTo(
            teacher == null
                ? "the tokens of dense-mpnet-mean-normalize, compared one by one"
                : teacher);
  }

  /** Queries that are looked up cost nothing. */
  @Test
  void aBaseWithATable() throws IOException {
    Path looksUp = folder.resolve("looks-up");
    CommandLineRun made =
        TrainRun.on(
            CommandLineRun.golden("sparse-bert"),
            "sparse-encoder",
            looksUp,
            "--max-steps 1 --fp32 --inference-free");
    assertThat(made.exitCode()).as(made.err()).isZero();
    Path retriever = CommandLineRun.golden("dense-mpnet-mean-normalize");
    Object[] sparse = {
      "--task",
      "sparse-encoder",
      "--base",
      looksUp,
      "--retriever",
      retriever,
      "--relative-margin",
      0
    };
    CommandLineRun run = adapt(corpus(), sparse);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(folder.resolve("adapted.work/trained/README.md"))
        .content()
        .contains("SparseMultipleNegativesRankingLoss");
    JsonObject settings =
        read(folder.resolve("adapted.work/trained/provenance.json"))
            .getAsJsonObject("hyperparameters");
    assertThat(settings.get("document_regularizer_weight").getAsDouble()).isEqualTo(1e-3);
    assertThat(settings.get("query_regularizer_weight").getAsDouble()).isZero();
  }

  /** The table is learnt, from how rare each term is. */
  @Test
  void aBaseThatGetsATable() throws IOException {
    Object[] options = {
      "--task",
      "sparse-encoder",
      "--base",
      CommandLineRun.golden("sparse-bert"),
      "--retriever",
      CommandLineRun.golden("dense-mpnet-mean-normalize"),
      "--relative-margin",
      0,
      "--inference-free",
      "--learning-rate",
      1e-3
    };
    CommandLineRun run = adapt(corpus(), options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    String table = "query_0_SparseStaticEmbedding/model.safetensors";
    float[] before = weights(folder.resolve("adapted.work/inference_free").resolve(table));
    float[] after = weights(folder.resolve("adapted").resolve(table));
    assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);

    CommandLineRun dense = adapt(corpus(), "--inference-free");
    assertThat(dense.exitCode()).isEqualTo(2);
    assertThat(dense.err()).contains("--inference-free is for sparse encoders");
  }

  private static float[] weights(Path table) throws IOException {
    return Safetensors.open(table).find("weight").orElseThrow().toFloats();
  }

  @Test
  void aBaseInShards() throws IOException {
    Path base = copy(CommandLineRun.golden("dense-mpnet-mean-normalize"));
    Path shard = base.resolve("model-00001-of-00001.safetensors");
    Files.move(base.resolve("model.safetensors"), shard);
    JsonObject places = new JsonObject();
    Safetensors.open(shard)
        .names()
        .forEach(name -> places.addProperty(name, shard.getFileName().toString()));
    JsonObject index = new JsonObject();
    index.add("weight_map", places);
    Files.writeString(base.resolve("model.safetensors.index.json"), index.toString());

    CommandLineRun run =
        adapt(corpus(), "--base", base, "--learning-rate", 1e-3, "--base-share", 0.5);
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path output = folder.resolve("adapted");
    Path trained = folder.resolve("adapted.work/trained");
    String name = "encoder.layer.0.attention.attn.q.weight";
    float[] mean = numbers(output, name);
    float[] before = numbers(trained.resolve("checkpoint-0"), name);
    float[] after = numbers(trained, name);
    assertThat(before).isEqualTo(Safetensors.open(shard).find(name).orElseThrow().toFloats());
    assertThat(after).isNotEqualTo(before);
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).isEqualTo((float) (0.5 * before[i] + 0.5 * after[i]));
    }
  }

  private Path copy(Path model) throws IOException {
    Path copy = folder.resolve("base");
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(model.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return copy;
  }

  private static float[] numbers(Path model, String name) throws IOException {
    return Safetensors.open(model.resolve("model.safetensors")).find(name).orElseThrow().toFloats();
  }

  /** Before anything is searched: what training would refuse. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--lora-rank -1",
        "--lora-alpha 4",
        "--lora-target-modules query",
        "--lora-rank 4 --lora-target-modules q_proj",
        "--learning-rate -1",
        "--num-train-epochs 0",
        "--scale 0 --num-negatives 0",
        "--scale -12 --num-negatives 0",
        "--scale NaN --num-negatives 0",
        "--scale Infinity --num-negatives 0"
      })
  void whatCannotBeTrained(String options) throws IOException {
    CommandLineRun run = adapt(corpus(), (Object[]) options.split(" "));

    assertThat(run.exitCode()).as(run.err()).isBetween(1, 2);
    assertThat(run.err()).contains(options.split(" ")[0].substring(0, 6));
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  @Test
  void otherModelsNeedARetriever() throws IOException {
    Path sparse = CommandLineRun.golden("sparse-bert");
    CommandLineRun run = adapt(corpus(), "--task", "sparse-encoder", "--base", sparse);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("needs --retriever");
    CommandLineRun other =
        adapt(
            corpus(),
            "--task",
            "sparse-encoder",
            "--retriever",
            CommandLineRun.golden("dense-bert-mean-normalize"));
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("it is a dense model, where --task says sparse-encoder");
    Path tokens = CommandLineRun.golden("multi-vector-bert-fixed");
    CommandLineRun taught = adapt(corpus(), "--teacher", tokens);
    assertThat(taught.exitCode()).isEqualTo(1);
    assertThat(taught.err()).contains("it is a multi_vector model, where --teacher is a cross");
  }

  @Test
  void tooLittleToLearnFrom() throws IOException {
    Path few = Files.writeString(folder.resolve("few.txt"), "One text. And a sentence of it.\n");
    CommandLineRun run = adapt(few);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("1 documents give 2 pairs to learn from and too few queries");
  }

  /** What people opened is learnt from and judged by; what is judged is judged by alone. */
  @Test
  void clicksAndJudgements() throws IOException {
    Path corpus = corpus();
    List<String> clicks = new ArrayList<>();
    List<String> queries = new ArrayList<>();
    List<String> qrels = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      clicks.add("clicked query " + i + "\t" + i); // without ids documents go by their lines
      clicks.add("clicked query " + i + "\t" + (i + 1));
      queries.add("q" + i + "\t judged query " + i);
      qrels.add("q" + i + "\t" + (i + 50) + "\t" + (i <= 30 ? 1 : 0));
    }
    CommandLineRun run =
        adapt(
            corpus,
            "--clicks",
            Files.write(folder.resolve("clicks.tsv"), clicks),
            "--queries",
            Files.write(folder.resolve("queries.tsv"), queries),
            "--qrels",
            Files.write(folder.resolve("qrels.tsv"), qrels),
            "--held-out",
            0.4);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = read(folder.resolve("adapted/adaptation.json"));
    assertThat(
            report.getAsJsonArray("judged").asList().stream()
                .map(
                    one ->
                        one.getAsJsonObject().get("name").getAsString()
                            + one.getAsJsonObject().get("queries")))
        .containsExactly("held-out48", "clicks24", "judged30");
    assertThat(report.get("verdict").getAsString()).contains("30 judged queries");
    List<String> rows = Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"));
    assertThat(rows).filteredOn(row -> row.contains("\"clicked query ")).hasSize(2 * (60 - 24));
    for (String line : rows) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      String[] query = row.get("anchor").getAsString().split("clicked query ");
      if (query.length == 2) { // what else was opened of this query is no wrong answer
        int second = Integer.parseInt(query[1]);
        assertThat(row.get("negative_1").getAsString() + row.get("negative_2").getAsString())
            .doesNotContain(" " + (second - 1) + ".", " " + second + ".");
      }
    }
    assertThat(rows).noneMatch(row -> row.contains("\"judged query 1\""));
  }

  private static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }
}
