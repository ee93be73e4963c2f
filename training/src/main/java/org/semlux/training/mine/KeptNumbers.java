package org.semlux.training.mine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.folder.Sha256;
import org.semlux.encoders.load.Calibration;
import org.semlux.training.card.BaseModel;
import org.semlux.training.run.Progress;

/**
 * Numbers that a model took long to make, kept in a folder until the work is done: a run that was
 * stopped finds them again. What they were made of is in a file's name; a file is whole or missing.
 *
 * {@snippet lang=java :
 * KeptNumbers kept = new KeptNumbers(Path.of("work"), "my-model, float32");
 * List<String> texts = List.of("A man plays.");
 * float[] numbers = kept.of(texts, () -> new float[] {.6f, .8f}); // made once, then read
 * KeptNumbers.delete(Path.of("work"));
 * }
 *
 * @param folder of this work
 * @param model what tells the model from others, and how it was asked
 */
public record KeptNumbers(Path folder, String model) {
  /** What numbers lie in, whole or as a process was killed. */
  private static final Pattern FILE = Pattern.compile("[0-9a-f]{64}\\.f32(\\.unfinished)?");

  /** Texts whose numbers are in one file. */
  private static final int BLOCK = 1024;

  /** Makes them. */
  public interface Maker {
    float[] make() throws IOException;
  }

  /** Makes those of some texts. */
  public interface MakerOfTexts {
    float[] make(List<String> texts) throws IOException;
  }

  /**
   * Those of a model as it is loaded: in the precision that it really computes in, which {@code
   * auto} leaves to the machine, and, of eight bits, rounded by some texts.
   *
   * @param calibration empty where the folder's own texts, or the build's, are taken
   */
  public static KeptNumbers of(
      Path folder, Path model, EncoderInfo info, Optional<Calibration> calibration)
      throws IOException {
    List<String> texts = calibration.map(Calibration::texts).orElse(List.of());
    return new KeptNumbers(
        folder,
        String.join(
            " ", BaseModel.of(model).sha256(), info.precision().toString(), texts.toString()));
  }

  /** Those of the same model, asked in one way. */
  public KeptNumbers asked(String how) {
    return new KeptNumbers(folder, how + " " + model);
  }

  /**
   * Those of many texts, some texts' at a time in their order.
   *
   * @param err is told how far it is
   */
  public void ofMany(
      List<String> texts, PrintWriter err, MakerOfTexts maker, Consumer<float[]> sink)
      throws IOException {
    try (Progress progress = new Progress(err, "Encoding", Progress.Unit.TEXTS, texts.size())) {
      for (int first = 0; first < texts.size(); first += BLOCK) {
        List<String> block = texts.subList(first, Math.min(first + BLOCK, texts.size()));
        sink.accept(of(block, () -> maker.make(block)));
        progress.step(block.size());
      }
    }
  }

  /** Those that were made of some texts, now or before. */
  public float[] of(List<String> texts, Maker maker) throws IOException {
    Path file = folder.resolve(digest(texts) + ".f32");
    if (Files.exists(file)) {
      float[] numbers = new float[Math.toIntExact(Files.size(file) / Float.BYTES)];
      ByteBuffer.wrap(Files.readAllBytes(file)).asFloatBuffer().get(numbers);
      return numbers;
    }
    float[] numbers = maker.make();
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES);
    bytes.asFloatBuffer().put(numbers);
    Files.createDirectories(folder);
    Path unfinished = folder.resolve(file.getFileName() + ".unfinished");
    Files.write(unfinished, bytes.array());
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    return numbers;
  }

  private String digest(List<String> texts) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(model.getBytes(UTF_8));
    texts.forEach(text -> Sha256.update(digest, text));
    return Sha256.hex(digest);
  }

  /** The work is done: deletes its numbers, and nothing else that is there. */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (FILE.matcher(file.getFileName().toString()).matches()) {
          Files.delete(file);
        }
      }
    }
  }
}
