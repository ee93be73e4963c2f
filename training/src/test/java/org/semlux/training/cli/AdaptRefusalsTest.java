package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code semlux adapt} refuses before it begins. */
class AdaptRefusalsTest {
  @TempDir Path folder;

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
                + AdaptRun.corpus(folder)
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
    CommandLineRun run = AdaptRun.on(folder, lines, option, "body");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--field and --title-field are of an index, of JSON lines");
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  /** Two documents are too few, but their texts were found. */
  @Test
  void fieldsBetweenTabs() throws IOException {
    Path file = Files.writeString(folder.resolve("x.tsv"), "_id\tbody\na\tone text\nb\tanother\n");
    assertThat(AdaptRun.on(folder, file, "--field", "body").err()).contains("2 documents give");
    assertThat(AdaptRun.on(folder, file, "--field", "content").err())
        .contains("of a first line that names [content] between tabs");
  }

  /** A run that goes on knows its files again by their hashes. */
  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // a pipe waits for its writer
  void aPipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (CommandLineRun run :
        new CommandLineRun[] {
          AdaptRun.on(folder, pipe),
          AdaptRun.on(folder, AdaptRun.corpus(folder), "--clicks", pipe.toString())
        }) {
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).startsWith("semlux: [" + pipe + "] is a pipe, whose data are gone");
    }
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  /** Clicks and judgements would be of another document. */
  @Test
  void anIdThatIsThereTwice() throws IOException {
    Path corpus =
        Files.writeString(
            folder.resolve("corpus.jsonl"),
            """
            {"_id":"a","text":"One text. And a sentence."}
            {"_id":"b","text":"Another text. And a sentence."}
            {"_id":"a","text":"A third text. And a sentence."}
            """);
    CommandLineRun run = AdaptRun.on(folder, corpus);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            "semlux: ["
                + corpus
                + "]: the id [a] is there twice: documents are called by [_id], or else [id], so"
                + " rename that key if it means something else, or leave it out\n");
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
    CommandLineRun run =
        AdaptRun.on(folder, AdaptRun.corpus(folder), (Object[]) options.split(" "));

    assertThat(run.exitCode()).as(run.err()).isBetween(1, 2);
    assertThat(run.err()).contains(options.split(" ")[0].substring(0, 6));
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  @Test
  void otherModelsNeedARetriever() throws IOException {
    Path sparse = CommandLineRun.golden("sparse-bert");
    CommandLineRun run =
        AdaptRun.on(folder, AdaptRun.corpus(folder), "--task", "sparse-encoder", "--base", sparse);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("needs --retriever");
    CommandLineRun other =
        AdaptRun.on(
            folder,
            AdaptRun.corpus(folder),
            "--task",
            "sparse-encoder",
            "--retriever",
            CommandLineRun.golden("dense-bert-mean-normalize"));
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("it is a dense model, where --task says sparse-encoder");
    Path tokens = CommandLineRun.golden("multi-vector-bert-fixed");
    CommandLineRun taught = AdaptRun.on(folder, AdaptRun.corpus(folder), "--teacher", tokens);
    assertThat(taught.exitCode()).isEqualTo(1);
    assertThat(taught.err()).contains("it is a multi_vector model, where --teacher is a cross");
  }

  /** Only where fields have names another one may be meant. */
  @Test
  void nothingToLearnFrom() throws IOException {
    Path lines = Files.writeString(folder.resolve("none.txt"), "\n");
    assertThat(AdaptRun.on(folder, lines).err())
        .endsWith("semlux: [" + lines + "] holds no texts\n");
    Path objects = Files.writeString(folder.resolve("none.jsonl"), "{\"text\":\" \"}\n");
    assertThat(AdaptRun.on(folder, objects).err())
        .endsWith("semlux: no document has a text in [text]: give its name by --field\n");
  }

  @Test
  void tooLittleToLearnFrom() throws IOException {
    Path few = Files.writeString(folder.resolve("few.txt"), "One text. And a sentence of it.\n");
    CommandLineRun run = AdaptRun.on(folder, few);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("1 documents give 2 pairs to learn from and too few queries");
  }
}
