package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.folder.WorkFolder;

/** What is mined is what {@code tests/reference/generate_mining.py} has the reference mine. */
class MineGoldensTest {
  private static final Path GOLDENS =
      Path.of(System.getProperty("basedir", ".")).resolve("src/test/resources/mine");

  @TempDir Path folder;

  static Stream<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(GOLDENS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .map(name -> name.replace(".json", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void minesAsTheReference(String name) throws IOException {
    JsonObject golden =
        JsonParser.parseString(Files.readString(GOLDENS.resolve(name + ".json"))).getAsJsonObject();
    List<Object> options = new ArrayList<>();
    golden
        .getAsJsonObject("arguments")
        .asMap()
        .forEach(
            (key, value) -> {
              options.add("--" + key.replace('_', '-'));
              if (!value.getAsString().equals("true")) {
                options.add(value.getAsString());
              }
            });
    if (golden.get("corpus").getAsBoolean()) {
      options.addAll(List.of("--corpus", GOLDENS.resolve("corpus.txt")));
    }
    String teacher = golden.get("cross_encoder").getAsString();
    if (!teacher.isEmpty()) {
      options.addAll(List.of("--cross-encoder", CommandLineRun.golden(teacher)));
    }
    options.add("--model");
    options.add(model(golden.get("model").getAsString(), golden.get("similarity").getAsString()));
    CommandLineRun run = mine(options.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();

    List<JsonObject> found = lines(output());
    JsonArray wanted = golden.getAsJsonArray("rows");
    assertThat(found).hasSameSizeAs(wanted);
    for (int i = 0; i < found.size(); i++) {
      same(found.get(i), wanted.get(i).getAsJsonObject());
    }
    assertThat(work()).as("kept when all is done").doesNotExist();
  }

  /** A golden that says to compare its vectors so. */
  private Path model(String golden, String similarity) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("model"));
    Path from = CommandLineRun.golden(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.skip(1).toList()) {
        Files.copy(file, copy.resolve(from.relativize(file).toString()));
      }
    }
    Path settings = copy.resolve("config_sentence_transformers.json");
    String said = Files.readString(settings);
    Files.writeString(settings, said.replace("\"cosine\"", '"' + similarity + '"'));
    assertThat(Files.readString(settings)).contains('"' + similarity + '"');
    return copy;
  }

  /** The reference takes the distances of vectors of length 1, which margins do not fit. */
  @ParameterizedTest
  @ValueSource(strings = {"euclidean", "manhattan"})
  void distancesAreRefused(String similarity) throws IOException {
    CommandLineRun run = mine("--model", model("dense-electra-mean", similarity));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("its similarity_fn_name is " + similarity);
    assertThat(work()).doesNotExist();
  }

  private static void same(JsonObject found, JsonObject wanted) {
    assertThat(found.keySet()).containsExactlyElementsOf(wanted.keySet());
    for (String key : wanted.keySet()) {
      if (key.equals("scores")) {
        List<JsonElement> scores = wanted.getAsJsonArray(key).asList();
        assertThat(found.getAsJsonArray(key)).hasSameSizeAs(scores);
        for (int i = 0; i < scores.size(); i++) {
          assertThat(found.getAsJsonArray(key).get(i).getAsDouble())
              .isCloseTo(scores.get(i).getAsDouble(), within(1e-5));
        }
      } else {
        assertThat(found.get(key)).isEqualTo(wanted.get(key));
      }
    }
  }

  /** A run that ends before its output is there leaves what models made, and the next takes it. */
  @Test
  void aRunGoesOnWhereOneWasStopped() throws IOException {
    Object[] teacher = {"--cross-encoder", CommandLineRun.golden("cross-bert")};
    CommandLineRun failed =
        mine("--min-score", 1e6, teacher[0], teacher[1], "--corpus", GOLDENS.resolve("corpus.txt"));
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.err()).contains("no query has 3 negatives left");
    Map<Path, FileTime> kept = kept();
    assertThat(kept).hasSize(3); // vectors of the corpus and of queries, scores

    // Another choice among the same candidates asks no model again.
    CommandLineRun again =
        mine("--min-score", 2e6, teacher[0], teacher[1], "--corpus", GOLDENS.resolve("corpus.txt"));
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(kept()).isEqualTo(kept);
    CommandLineRun done =
        mine("--min-score", -9, teacher[0], teacher[1], "--corpus", GOLDENS.resolve("corpus.txt"));
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(work()).doesNotExist();
  }

  /** JSON can say it, and no file can hold it. */
  @Test
  void halfACharacterIsWritten() throws IOException {
    Path corpus =
        Files.writeString(
            folder.resolve("corpus.jsonl"), "{\"text\":\"cut \\ud83d\"}\n{\"text\":\"b\"}\n");
    Path data =
        Files.writeString(
            folder.resolve("data.jsonl"), "{\"query\":\"a\",\"answer\":\"the cut one\"}\n");

    CommandLineRun run =
        CommandLineRun.of(
            "mine",
            "--model",
            CommandLineRun.MODEL,
            "--data",
            data,
            "--corpus",
            corpus,
            "--num-negatives",
            2,
            "--output-format",
            "n-tuple",
            "--output",
            output());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readString(output())).contains("\"cut \ufffd\"");
  }

  @Test
  void filesOfOthersInTheFolderOfWorkStay() throws IOException {
    Path other = Files.createDirectories(work()).resolve("notes.f32");
    Files.writeString(other, "mine");
    CommandLineRun run = mine("--corpus", GOLDENS.resolve("corpus.txt"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(kept()).containsOnlyKeys(other);
  }

  /** Two would move each other's numbers away, and each make what the other has made. */
  @ParameterizedTest
  @ValueSource(strings = {"mine", "label"})
  void whatAnotherRunIsAtIsLeftAlone(String command) throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("pairs.jsonl"),
            """
            {"question":"Who barks?","answer":"a dog"}
            {"question":"Who flies?","answer":"a bird"}
            """);
    String model = command.equals("mine") ? "dense-mpnet-mean-normalize" : "cross-bert";
    Object[] arguments = {
      command, "--model", CommandLineRun.golden(model), "--data", data, "--output", output()
    };
    try (WorkFolder other = WorkFolder.take(output(), notice -> {})) {
      CommandLineRun run = CommandLineRun.of(arguments);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("semlux: another command writes into " + work() + ": wait until it has ended")
          .hasLineCount(1);
      assertThat(other.path().toFile().list()).containsExactly(".owner");
    }
    assertThat(output()).doesNotExist();
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(output()).exists();
    assertThat(work().resolve(".owner")).doesNotExist();
  }

  /** The data, by its own name or by another. */
  @ParameterizedTest
  @ValueSource(strings = {"mine", "label"})
  void dataAreNotReplaced(String command) throws IOException {
    Path data = Files.copy(GOLDENS.resolve("pairs.jsonl"), folder.resolve("pairs.jsonl"));
    Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), data);
    String model = command.equals("mine") ? "dense-mpnet-mean-normalize" : "cross-bert";
    for (Path output : List.of(data, link)) {
      CommandLineRun run =
          CommandLineRun.of(
              command, "--model", CommandLineRun.golden(model), "--data", data, "--output", output);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo(
              "semlux: the output %s would replace the input %s: name another file\n"
                  .formatted(output, data));
    }
    assertThat(data).hasSameTextualContentAs(GOLDENS.resolve("pairs.jsonl"));
  }

  /** Eight bits are rounded by texts: others make other numbers. */
  @Test
  void whatWasRoundedByOtherTextsIsMadeAnew() throws IOException {
    for (int texts = 2; texts <= 3; texts++) {
      Path calibration =
          Files.write(
              folder.resolve("calibration"), List.of("a dog", "a cat", "a bird").subList(0, texts));
      Object[] arguments =
          ("mine --num-negatives 1000 --precision int8 --data " + GOLDENS.resolve("pairs.jsonl"))
              .concat(" --model " + CommandLineRun.golden("dense-mpnet-mean-normalize"))
              .concat(" --output " + output() + " --calibration " + calibration)
              .concat(" --output-format n-tuple")
              .split(" ");
      CommandLineRun run = CommandLineRun.of(arguments);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains("no query has 1000 negatives left");
      assertThat(kept()).hasSize(2 * (texts - 1)); // vectors of the answers and of queries
    }
  }

  /** A tuple of fewer is not written. */
  @Test
  void queriesWithTooFewNegativesAreCounted() throws IOException {
    CommandLineRun run = mine("--relative-margin", 0.05, "--output-format", "n-tuple");
    assertThat(run.exitCode()).as(run.err()).isZero();
    long all = questions(GOLDENS.resolve("pairs.jsonl"));
    long without = all - questions(output());
    assertThat(without).isBetween(1L, all - 1);
    assertThat(run.err())
        .containsPattern(
            "(?m)^%1$s of %2$s queries have fewer than 3 negatives, %1$s of them get no row; --relative-margin leaves out \\d+ candidates\n"
                .formatted(without, all));
  }

  private static long questions(Path file) throws IOException {
    return lines(file).stream().map(row -> row.get("question")).distinct().count();
  }

  /** One of a single document would be a pair else, which losses of lists do not take. */
  @Test
  void aListOfOneDocumentStaysAList() throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("lists.jsonl"),
            """
            {"query":"a dog","docs":["a cat","a bird"]}
            {"query":"a bird","docs":["a dog"]}
            """);
    Path model = CommandLineRun.golden("cross-bert");
    CommandLineRun run =
        CommandLineRun.of("label", "--model", model, "--data", data, "--output", output());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(lines(output()))
        .extracting(row -> row.get("docs").toString())
        .containsExactly("[\"a cat\",\"a bird\"]", "[\"a dog\"]");
  }

  /** STSb as it is published: what it scores would be a text of each row else. */
  @Test
  void aFileWithoutAHeaderIsLabelledAsPairs() throws IOException {
    Path data =
        Files.writeString(folder.resolve("train.csv"), "a dog,a cat,5.0\na bird,a dog,3.8\n");
    Path model = CommandLineRun.golden("cross-bert");
    CommandLineRun run =
        CommandLineRun.of("label", "--model", model, "--data", data, "--output", output());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains(data + ": no header, its rows are read as sentence1, sentence2 and score\n");
    assertThat(lines(output()))
        .extracting(row -> row.remove("scores").getAsJsonArray().size(), JsonObject::toString)
        .containsExactly(
            tuple(1, "{\"sentence1\":\"a dog\",\"sentence2\":\"a cat\"}"),
            tuple(1, "{\"sentence1\":\"a bird\",\"sentence2\":\"a dog\"}"));
  }

  @Test
  void aTeacherScoresEveryTextOfARow() throws IOException {
    for (String shape : List.of("triplets", "lists")) {
      Path data = TrainRun.goldens().resolve("losses/" + shape + ".jsonl");
      Path model = CommandLineRun.golden("cross-bert");
      CommandLineRun run =
          CommandLineRun.of(
              "label",
              "--model",
              model,
              "--data",
              data,
              "--output",
              output(),
              "--precision",
              "float32");
      assertThat(run.exitCode()).as(run.err()).isZero();

      List<JsonObject> rows = lines(data);
      List<JsonObject> found = lines(output());
      assertThat(found).hasSameSizeAs(rows);
      for (int i = 0; i < rows.size(); i++) {
        List<String> pairs = pairs(rows.get(i));
        JsonArray scores = (JsonArray) found.get(i).remove("scores");
        List<JsonElement> wanted = TrainRun.answers("score", model, pairs);
        assertThat(scores).hasSameSizeAs(wanted);
        for (int j = 0; j < pairs.size(); j++) {
          assertThat(scores.get(j).getAsDouble())
              .isCloseTo(wanted.get(j).getAsJsonObject().get("raw").getAsDouble(), within(1e-5));
        }
        rows.get(i).remove("labels");
        assertThat(found.get(i)).isEqualTo(rows.get(i));
      }
    }
  }

  private static List<String> pairs(JsonObject row) {
    List<String> pairs = new ArrayList<>();
    JsonElement query = null;
    for (Map.Entry<String, JsonElement> column : row.entrySet()) {
      if (query == null) {
        query = column.getValue();
      } else if (!column.getKey().equals("labels")) {
        List<JsonElement> texts =
            column.getValue().isJsonArray()
                ? column.getValue().getAsJsonArray().asList()
                : List.of(column.getValue());
        for (JsonElement text : texts) {
          pairs.add("[" + query + "," + text + "]");
        }
      }
    }
    return pairs;
  }

  private Map<Path, FileTime> kept() throws IOException {
    Map<Path, FileTime> kept = new TreeMap<>();
    try (Stream<Path> files = Files.list(work())) {
      for (Path file : files.toList()) {
        kept.put(file, Files.getLastModifiedTime(file));
      }
    }
    return kept;
  }

  private CommandLineRun mine(Object... options) {
    List<Object> arguments =
        new ArrayList<>(List.of("mine", "--data", GOLDENS.resolve("pairs.jsonl")));
    arguments.addAll(List.of("--output", output(), "--precision", "float32"));
    arguments.addAll(List.of(options));
    if (!arguments.contains("--model")) {
      arguments.addAll(List.of("--model", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    }
    return CommandLineRun.of(arguments.toArray());
  }

  private Path output() {
    return folder.resolve("mined.jsonl");
  }

  private Path work() {
    return folder.resolve("mined.jsonl.work");
  }

  private static List<JsonObject> lines(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }
}
