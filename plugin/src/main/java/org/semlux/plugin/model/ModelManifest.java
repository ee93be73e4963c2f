package org.semlux.plugin.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.ingest.Digest;

/**
 * What a model consists of. Its files, one after the other in this order, are one run of bytes;
 * part {@code n} is that run's bytes from {@code n * partSize} on, {@code partSize} of them but for
 * the last part, so a part may end one file and begin the next.
 *
 * @param files at least one, at most {@value #MAX_FILES}, no path twice; with their hashes they
 *     take at most {@value #MAX_STATE_BYTES} bytes of the cluster's state
 * @param partSize bytes of a part, from 1 to {@value #MAX_PART_SIZE}
 */
public record ModelManifest(List<ModelFile> files, int partSize, ModelOptions options)
    implements Writeable, ToXContentObject {
  /** 4 MB: small enough for a node of 512 MB heap, big enough for few requests. */
  public static final int MAX_PART_SIZE = 4 << 20;

  /** One search lists them all: an index answers with at most so many hits. */
  public static final int MAX_PARTS = 10_000;

  static final int MAX_FILES = 1_000;

  /**
   * Every node has the cluster's state in its heap. A large model's files take some 10 kB of it.
   */
  static final int MAX_STATE_BYTES = 128 << 10;

  /** Of a file beside its path. */
  private static final int FILE_BYTES = 80;

  private static final Pattern OTHER_WEIGHTS =
      Pattern.compile(".*\\.(bin|pt|pth|ckpt|h5|onnx|gguf)");

  private static final ParseField FILES = new ParseField("files");
  private static final ParseField PART_SIZE = new ParseField("part_size");
  private static final ParseField OPTIONS = new ParseField("options");
  private static final ConstructingObjectParser<ModelManifest, Void> STRICT = parser(false);

  /**
   * @throws IllegalArgumentException naming what is wrong
   */
  public ModelManifest {
    files = List.copyOf(files);
    if (files.isEmpty() || files.size() > MAX_FILES) {
      throw new IllegalArgumentException(
          "[files] must name 1 to " + MAX_FILES + " files, not " + files.size());
    }
    if (partSize < 1 || partSize > MAX_PART_SIZE) {
      throw new IllegalArgumentException(
          "[part_size] must be 1 to " + MAX_PART_SIZE + " bytes, not " + partSize);
    }
    checkPathsDistinct(files);
    long parts = parts(totalSize(files), partSize);
    if (parts < 1 || parts > MAX_PARTS) {
      throw new IllegalArgumentException(
          "files of "
              + totalSize(files)
              + " bytes make "
              + parts
              + " parts of [part_size] "
              + partSize
              + "; 1 to "
              + MAX_PARTS
              + " are allowed");
    }
  }

  public ModelManifest(StreamInput in) throws IOException {
    this(in.readCollectionAsList(ModelFile::new), in.readVInt(), new ModelOptions(in));
  }

  /**
   * Refuses one that would take too much of the cluster's state; what stands there already, by an
   * older build, is read.
   *
   * @throws IllegalArgumentException saying how much it takes
   */
  public void requireSmall() {
    int bytes =
        files.stream().mapToInt(file -> file.path().getBytes(UTF_8).length + FILE_BYTES).sum();
    if (bytes > MAX_STATE_BYTES) {
      throw new IllegalArgumentException(
          "[files] takes "
              + bytes
              + " bytes of the cluster's state, at most "
              + MAX_STATE_BYTES
              + " are allowed: name fewer files, or give them shorter paths");
    }
  }

  /** A path must neither come twice nor be the folder of another. */
  private static void checkPathsDistinct(List<ModelFile> files) {
    Set<String> paths = new HashSet<>();
    for (ModelFile file : files) {
      if (!paths.add(file.path())) {
        throw new IllegalArgumentException("[files] names [" + file.path() + "] twice");
      }
    }
    for (ModelFile file : files) {
      String path = file.path();
      for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
        String folder = path.substring(0, end);
        if (paths.contains(folder)) {
          throw new IllegalArgumentException(
              "[files] names [" + folder + "] both as a file and as the folder of [" + path + "]");
        }
      }
    }
  }

  private static long totalSize(List<ModelFile> files) {
    try {
      return files.stream().mapToLong(ModelFile::size).reduce(0, Math::addExact);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("the sizes of [files] overflow", e);
    }
  }

  private static long parts(long size, int partSize) {
    return size / partSize + (size % partSize == 0 ? 0 : 1);
  }

  /** 16 hexadecimal digits that tell these files from others, in whatever parts they came. */
  public String version() {
    return Digest.of(
        files.stream().map(file -> file.path() + " " + file.sha256()).sorted().toList(), 16);
  }

  /** Bytes of all files together. */
  public long size() {
    return totalSize(files);
  }

  /** How many parts the files make. */
  public int parts() {
    return Math.toIntExact(parts(size(), partSize));
  }

  /** Bytes of a part: {@link #partSize}, fewer for the last. */
  public int partLength(int part) {
    return (int) Math.min(partSize, size() - (long) part * partSize);
  }

  /**
   * Reads a request's body.
   *
   * @throws IllegalArgumentException for an unknown field, a bad value, or a model in a format that
   *     no node loads
   */
  public static ModelManifest parse(XContentParser parser) {
    ModelManifest manifest = STRICT.apply(parser, null);
    manifest.requireSmall();
    refuseOtherFormats(manifest.files);
    return manifest;
  }

  /** What no node can load is refused before its weights are sent. */
  private static void refuseOtherFormats(List<ModelFile> files) {
    boolean safetensors = files.stream().anyMatch(file -> file.path().endsWith(".safetensors"));
    for (ModelFile file : files) {
      String path = file.path();
      if (("/" + path).endsWith("/" + ModelFolder.ADAPTER)) {
        throw new IllegalArgumentException(
            "[files] names a PEFT adapter ["
                + Excerpt.of(path)
                + "]: merge it into its base model in Python with merge_and_unload(), and send that, or"
                + " leave it out to have the model without it");
      }
      if (!safetensors && OTHER_WEIGHTS.matcher(path).matches()) {
        throw new IllegalArgumentException(
            "[files] has its weights in ["
                + Excerpt.of(path)
                + "], nodes read safetensors alone: semlux import makes a folder with them of an ONNX"
                + " export, save_pretrained of pickles");
      }
    }
  }

  /**
   * @param lenient whether unknown fields are passed over, as when a newer version wrote them
   */
  static ConstructingObjectParser<ModelManifest, Void> parser(boolean lenient) {
    var parser =
        new ConstructingObjectParser<ModelManifest, Void>(
            "model_manifest", lenient, ModelManifest::fromParsed);
    parser.declareObjectArray(constructorArg(), ModelFile.parser(lenient), FILES);
    WholeNumber.declareInt(parser, optionalConstructorArg(), PART_SIZE);
    parser.declareObject(optionalConstructorArg(), ModelOptions.parser(lenient), OPTIONS);
    return parser;
  }

  @SuppressWarnings("unchecked")
  private static ModelManifest fromParsed(Object[] values) {
    return new ModelManifest(
        (List<ModelFile>) values[0],
        values[1] == null ? MAX_PART_SIZE : (int) values[1],
        values[2] == null ? ModelOptions.DEFAULT : (ModelOptions) values[2]);
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeCollection(files);
    out.writeVInt(partSize);
    options.writeTo(out);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder
        .startObject()
        .xContentList(FILES.getPreferredName(), files)
        .field(PART_SIZE.getPreferredName(), partSize)
        .field(OPTIONS.getPreferredName(), options)
        .endObject();
  }
}
