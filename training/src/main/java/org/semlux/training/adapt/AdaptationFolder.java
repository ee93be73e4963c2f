package org.semlux.training.adapt;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.semlux.training.data.OutputFile;
import org.semlux.training.folder.StagedFolder;
import org.semlux.training.folder.WorkFolder;
import org.semlux.training.train.Checkpoints;

/**
 * The folder OUTPUT.work: each step of an adaptation leaves a file there when it is done, so that a
 * run that was stopped goes on behind it.
 *
 * @param output the folder of the adapted model
 */
record AdaptationFolder(Path output) {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /** Written first, when there is enough in the documents to go on with. */
  private static final String SETTINGS = "settings";

  private static final String TRAINING_SETTINGS = "training_settings";

  private static final String DOCUMENTS = "documents.jsonl";

  /** How many there are, of which these are all or some. */
  private static final String SEEN = "documents_seen";

  /** There where the documents are all of the index. */
  private static final String WHOLE = "documents_are_all";

  AdaptationFolder {
    output = output.toAbsolutePath().normalize();
  }

  private Path work() {
    return WorkFolder.of(output);
  }

  /** What is trained with. */
  Path rows() {
    return work().resolve("rows.jsonl");
  }

  /** Numbers that models were asked for. */
  Path vectors() {
    return work().resolve("vectors");
  }

  /** The run of training. */
  Path trained() {
    return work().resolve("trained");
  }

  /** Fills an empty folder. */
  interface Maker {
    void write(Path folder) throws IOException;
  }

  /** A model that this run makes on its way, as it made it before or makes it now. */
  Path model(String name, Maker maker) throws IOException {
    Path model = work().resolve(name);
    if (!Files.exists(model)) {
      try (StagedFolder folder = StagedFolder.create(model, false)) {
        maker.write(folder.path());
        folder.commit();
      }
    }
    return model;
  }

  /**
   * Refuses what this same run has not left, whoever made it.
   *
   * @param fingerprint of texts and of settings that decide what is done before training
   * @param training the settings that decide what is trained
   */
  void requireOwn(String fingerprint, String training) throws IOException {
    if (!Files.exists(trained())) {
      StagedFolder.requireFree(output);
    }
    Path settings = work().resolve(SETTINGS);
    if (!Files.exists(settings)) {
      StagedFolder.requireFree(work());
    } else if (!Files.readString(settings).equals(fingerprint)) {
      throw new IOException(
          work()
              + " was left by a run with other texts or settings, or by another version: delete it, or give another --output");
    }
    requireUntrained(training);
  }

  /** Rows that were found are of use whatever is trained on them; a model is not. */
  private void requireUntrained(String settings) throws IOException {
    Path file = work().resolve(TRAINING_SETTINGS);
    List<Path> done =
        Stream.of(trained(), output)
            .filter(model -> Files.exists(model.resolve("modules.json")) || isBegun(model))
            .toList();
    boolean same = Files.exists(file) && Files.readString(file).equals(settings);
    if (!same && !done.isEmpty()) {
      throw new IOException(
          done
              + " was trained by a run with other settings: delete it, where the rows that it learnt"
              + " from are used again, or give another --output");
    }
  }

  private static boolean isBegun(Path trained) {
    return Files.exists(new Checkpoints(trained).of(0));
  }

  /** The documents that this run took before. */
  Optional<List<Document>> documents() throws IOException {
    Path file = work().resolve(DOCUMENTS);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<Document> documents = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      lines.forEach(line -> documents.add(GSON.fromJson(line, Document.class)));
    }
    return Optional.of(documents);
  }

  /**
   * Begins the folder.
   *
   * @param sample the documents that are taken
   */
  void begin(String fingerprint, DocumentSample sample) throws IOException {
    Files.createDirectories(work());
    write(work().resolve(SETTINGS), fingerprint);
    Files.deleteIfExists(work().resolve(WHOLE));
    write(work().resolve(SEEN), Long.toString(sample.seen()));
    if (sample.isWhole()) {
      write(work().resolve(WHOLE), "");
    }
    try (OutputFile out = new OutputFile(work().resolve(DOCUMENTS))) {
      for (Document document : sample.documents()) {
        out.writer().write(GSON.toJson(document) + "\n");
      }
      out.commit();
    }
  }

  /** How many documents with a text there were; empty where an older version did not count. */
  OptionalLong seen() throws IOException {
    Path file = work().resolve(SEEN);
    return Files.exists(file)
        ? OptionalLong.of(Long.parseLong(Files.readString(file)))
        : OptionalLong.empty();
  }

  /** Whether the documents are all that there are. */
  boolean isWhole() {
    return Files.exists(work().resolve(WHOLE));
  }

  /** Keeps the settings that decide what is trained. */
  void writeTraining(String settings) throws IOException {
    write(work().resolve(TRAINING_SETTINGS), settings);
  }

  /** Whole or not at all: half of it would be another run's. */
  private static void write(Path file, String text) throws IOException {
    try (OutputFile out = new OutputFile(file)) {
      out.writer().write(text);
      out.commit();
    }
  }
}
