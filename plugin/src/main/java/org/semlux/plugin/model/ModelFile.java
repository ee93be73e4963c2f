package org.semlux.plugin.model;

import static java.lang.Character.isISOControl;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;

import java.io.IOException;
import java.util.Locale;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.Excerpt;

/**
 * One file of a model folder.
 *
 * @param path relative to the folder, with {@code /} between its names; stays inside the folder
 * @param size in bytes
 * @param sha256 64 lower-case hexadecimal digits
 */
public record ModelFile(String path, long size, String sha256)
    implements Writeable, ToXContentObject {
  private static final ParseField PATH = new ParseField("path");
  private static final ParseField SIZE = new ParseField("size");
  private static final ParseField SHA256 = new ParseField("sha256");

  /**
   * @throws IllegalArgumentException naming the file and what is wrong with it
   */
  public ModelFile {
    checkPath(path);
    if (size < 0) {
      throw new IllegalArgumentException("[size] of file [" + path + "] is negative: " + size);
    }
    sha256 = sha256.toLowerCase(Locale.ROOT);
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "[sha256] of file ["
              + path
              + "] is not 64 hexadecimal digits: ["
              + Excerpt.of(sha256)
              + "]");
    }
  }

  public ModelFile(StreamInput in) throws IOException {
    this(in.readString(), in.readVLong(), in.readString());
  }

  /** Names are joined to a folder of the node's disk: none may lead out of it. */
  private static void checkPath(String path) {
    if (path.length() > 1024) {
      throw new IllegalArgumentException(
          "[path] has " + path.length() + " characters, at most 1024 are allowed");
    }
    if (!Excerpt.isWhole(path) || path.chars().anyMatch(c -> c == '\\' || isISOControl(c))) {
      throw new IllegalArgumentException(
          "[path] ["
              + Excerpt.of(path)
              + "] has a backslash, a control character or half of a character");
    }
    for (String name : path.split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..") || isTooLong(name)) {
        throw new IllegalArgumentException(
            "[path] ["
                + Excerpt.of(path)
                + "] must be relative and stay inside the model's folder, such as"
                + " 1_Pooling/config.json, its names of at most 255 bytes");
      }
    }
  }

  /** For a file system, which counts bytes. */
  private static boolean isTooLong(String name) {
    return name.getBytes(UTF_8).length > 255;
  }

  static ConstructingObjectParser<ModelFile, Void> parser(boolean lenient) {
    var parser =
        new ConstructingObjectParser<ModelFile, Void>(
            "model_file",
            lenient,
            values -> new ModelFile((String) values[0], (long) values[1], (String) values[2]));
    parser.declareString(constructorArg(), PATH);
    WholeNumber.declareLong(parser, constructorArg(), SIZE);
    parser.declareString(constructorArg(), SHA256);
    return parser;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeString(path);
    out.writeVLong(size);
    out.writeString(sha256);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder
        .startObject()
        .field(PATH.getPreferredName(), path)
        .field(SIZE.getPreferredName(), size)
        .field(SHA256.getPreferredName(), sha256)
        .endObject();
  }
}
