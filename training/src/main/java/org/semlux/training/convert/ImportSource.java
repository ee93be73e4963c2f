package org.semlux.training.convert;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a model's files are: in a folder, around an ONNX file, or in a jar or zip, read in place.
 *
 * {@snippet lang=java :
 * try (ImportSource source = ImportSource.open(Path.of("minilm.jar"))) {
 *   source.root(); // the folder of the model in the archive
 *   source.onnx(); // the file to convert; empty where there are safetensors
 * }
 * }
 */
public final class ImportSource implements AutoCloseable {
  private static final String TOKENIZER = "tokenizer.json";
  private static final String ONNX = ".onnx";

  /** Weights beside a graph, such as {@code model.onnx_data}. */
  private static final Pattern EXTERNAL_DATA =
      Pattern.compile(".*(\\.onnx[._]data|\\.data|\\.bin|\\.weight)");

  /** What only the folder of a model has. */
  private static final Pattern MARKS = Pattern.compile(".*tokenizer\\.json|modules\\.json");

  private final Path root;
  private final Optional<Path> onnx;
  private final Optional<FileSystem> archive;

  private ImportSource(Path root, Optional<Path> onnx, Optional<FileSystem> archive) {
    this.root = root;
    this.onnx = onnx;
    this.archive = archive;
  }

  /**
   * Looks at what there is.
   *
   * @param source a folder, an {@code .onnx} file, or a {@code .jar} or {@code .zip}
   * @throws IOException when it is none of them, or holds several models
   */
  public static ImportSource open(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      return new ImportSource(source, chooseOnnx(source, source), Optional.empty());
    }
    if (!Files.exists(source)) {
      throw new IOException("no such file or folder: " + source);
    }
    String name = source.getFileName().toString();
    if (name.endsWith(ONNX)) {
      Path folder = source.toAbsolutePath().getParent();
      boolean nested = tokenizers(folder).isEmpty() && folder.endsWith("onnx");
      return new ImportSource(
          nested ? folder.getParent() : folder, Optional.of(source), Optional.empty());
    }
    if (name.endsWith(".jar") || name.endsWith(".zip")) {
      return openArchive(source);
    }
    throw new IOException(source + " is neither a folder nor an .onnx, .jar or .zip file");
  }

  private static ImportSource openArchive(Path source) throws IOException {
    FileSystem archive;
    try {
      archive = FileSystems.newFileSystem(source);
    } catch (FileSystemException e) {
      throw e; // it was not even opened
    } catch (IOException e) {
      throw new IOException(source + " is damaged or no archive: " + e.getMessage(), e);
    }
    try {
      Path root = modelFolder(source, archive.getPath("/"));
      return new ImportSource(root, chooseOnnx(source, root), Optional.of(archive));
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /** The folder in an archive that is nearest to its root and has what a model has. */
  private static Path modelFolder(Path source, Path top) throws IOException {
    try (Stream<Path> files = Files.walk(top)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> MARKS.matcher(file.getFileName().toString()).matches())
          .map(Path::getParent)
          .min(Comparator.comparingInt(Path::getNameCount))
          .orElseThrow(() -> new IOException(source + " holds no tokenizer.json: no model"));
    }
  }

  /** Safetensors go before ONNX: they need no conversion. */
  private static Optional<Path> chooseOnnx(Path source, Path root) throws IOException {
    if (Files.exists(root.resolve("model.safetensors"))
        || Files.exists(root.resolve("model.safetensors.index.json"))) {
      return Optional.empty();
    }
    List<Path> found = new ArrayList<>();
    for (Path folder : List.of(root, root.resolve("onnx"))) {
      if (Files.exists(folder.resolve("model.onnx"))) {
        return Optional.of(folder.resolve("model.onnx"));
      }
      found.addAll(list(folder, name -> name.endsWith(ONNX)));
    }
    if (found.size() > 1) {
      throw new IOException(
          source + " holds several ONNX files and none is model.onnx: name one of " + found);
    }
    return found.stream().findFirst();
  }

  private static List<Path> tokenizers(Path folder) throws IOException {
    return list(folder, name -> name.endsWith(TOKENIZER));
  }

  /**
   * The files of a folder, not of those inside, whose names match; none where there is no folder.
   */
  public static List<Path> list(Path folder, Predicate<String> names) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> names.test(file.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  /** The folder that the model's settings are in; of an archive's file system where it is one. */
  public Path root() {
    return root;
  }

  /** The folder that the files of {@link #mappableOnnx} may not lead out of. */
  public Path mappableRoot(Path scratch) {
    return archive.isEmpty() ? root : scratch;
  }

  /** The ONNX file to convert; none where there are safetensors, or nothing at all. */
  public Optional<Path> onnx() {
    return onnx;
  }

  /**
   * The tokenizer that belongs to the ONNX file: {@code tokenizer.json}, the one with the ONNX
   * file's name in front, or the only one.
   *
   * @throws IOException when there is none, or several might be meant
   */
  public Path tokenizer() throws IOException {
    List<Path> found = tokenizers(root);
    String stem = onnx.map(file -> file.getFileName().toString().replace(ONNX, "")).orElse("");
    for (String name : List.of(TOKENIZER, stem + "-" + TOKENIZER, stem + "_" + TOKENIZER)) {
      if (found.contains(root.resolve(name))) {
        return root.resolve(name);
      }
    }
    if (found.size() != 1) {
      throw new IOException(
          found.isEmpty()
              ? "there is no tokenizer.json in " + root
              : "several tokenizers are in " + root + ": call the right one tokenizer.json");
    }
    return found.get(0);
  }

  /**
   * The ONNX file on the default file system, where it can be mapped: itself, or a copy in the
   * given folder together with what is beside it, for its weights may be in a file of their own.
   */
  public Path mappableOnnx(Path scratch) throws IOException {
    Path file = onnx.orElseThrow();
    if (archive.isEmpty()) {
      return file;
    }
    Files.copy(file, scratch.resolve(file.getFileName().toString()));
    for (Path beside : list(file.getParent(), EXTERNAL_DATA.asMatchPredicate())) {
      Files.copy(beside, scratch.resolve(beside.getFileName().toString()));
    }
    return scratch.resolve(file.getFileName().toString());
  }

  @Override
  public void close() throws IOException {
    if (archive.isPresent()) {
      archive.get().close();
    }
  }
}
