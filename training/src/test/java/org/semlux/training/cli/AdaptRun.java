package org.semlux.training.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs of {@code semlux adapt} on a small corpus. All of a test is in one folder: the corpus, the
 * model in {@code adapted}, and in {@code adapted.work} what the run goes on from.
 */
final class AdaptRun {
  /** How many {@link #corpus} has. */
  static final int DOCUMENTS = 120;

  private AdaptRun() {}

  /** Documents with a title, which a number tells apart, and a text of two sentences. */
  static Path corpus(Path folder) throws IOException {
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

  /**
   * Adapts a model to a corpus.
   *
   * @param more options; a base, how much is held out and how many negatives are mined are chosen
   *     here where they do not say
   */
  static CommandLineRun on(Path folder, Path corpus, Object... more) {
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

  /** A JSON object out of a file, such as {@code adapted/adaptation.json}. */
  static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }
}
