package org.semlux.plugin.model;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.regex.Pattern;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.Excerpt;

/**
 * A model that the cluster knows.
 *
 * @param id the user's name for it
 * @param generation the number of its upload, never used twice in a cluster: parts and copies carry
 *     it, so those of a replaced manifest can't be taken for its successor's
 * @param createdMillis when the manifest was put, in milliseconds since 1970
 * @param deployed whether every enabled node is to load it
 * @param deployments how often it was deployed: each is another try of nodes where it has failed
 * @param deleting whether its parts are being deleted, or some were: it is nothing to go on with
 */
public record ModelDefinition(
    String id,
    long generation,
    long createdMillis,
    boolean deployed,
    long deployments,
    boolean deleting,
    ModelManifest manifest)
    implements ToXContentObject {
  private static final Pattern ID_PATTERN = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

  private static final ParseField ID = new ParseField("id");
  private static final ParseField GENERATION = new ParseField("generation");
  private static final ParseField CREATED = new ParseField("created_millis");
  private static final ParseField DEPLOYED = new ParseField("deployed");
  private static final ParseField DEPLOYMENTS = new ParseField("deployments");
  private static final ParseField DELETING = new ParseField("deleting");
  private static final ParseField MANIFEST = new ParseField("manifest");

  /**
   * @throws IllegalArgumentException for a bad id
   */
  public ModelDefinition {
    checkId(id);
  }

  /** A new upload, which nobody has deployed. */
  ModelDefinition(String id, long generation, long createdMillis, ModelManifest manifest) {
    this(id, generation, createdMillis, false, 0, false, manifest);
  }

  /**
   * @param format of the metadata that it stands in, see {@link SemluxMetadata}
   */
  ModelDefinition(StreamInput in, int format) throws IOException {
    this(
        in.readString(),
        in.readVLong(),
        in.readVLong(),
        in.readBoolean(),
        format >= 3 ? in.readVLong() : 0,
        format >= 4 && in.readBoolean(),
        new ModelManifest(in));
  }

  /**
   * Checks what a user calls a model.
   *
   * @throws IllegalArgumentException when the id is none
   */
  public static void checkId(String id) {
    if (!ID_PATTERN.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "model id ["
              + Excerpt.of(id)
              + "] must have 1 to 100 characters of a-z, 0-9, '.', '_' and '-', and begin with a"
              + " letter or digit");
    }
  }

  /** Deployed, once more where it is already, or not. */
  public ModelDefinition withDeployed(boolean other) {
    long count = other ? deployments + 1 : deployments;
    return new ModelDefinition(id, generation, createdMillis, other, count, deleting, manifest);
  }

  /** Not deployed, and not to be again: another upload has to come. */
  public ModelDefinition withDeleting() {
    return new ModelDefinition(id, generation, createdMillis, false, deployments, true, manifest);
  }

  /**
   * @throws ElasticsearchStatusException where it is being deleted: 409
   */
  public void requireKept() {
    if (deleting) {
      throw new ElasticsearchStatusException(
          "model [{}] is being deleted: begin its upload anew with PUT /_semlux/models/{}, or"
              + " delete it again where that broke off",
          RestStatus.CONFLICT,
          id,
          id);
    }
  }

  /** Whether this is the same upload, deployed or not. */
  public boolean sameUpload(ModelDefinition other) {
    return id.equals(other.id) && generation == other.generation;
  }

  static ConstructingObjectParser<ModelDefinition, Void> lenientParser() {
    var parser =
        new ConstructingObjectParser<ModelDefinition, Void>(
            "model_definition",
            true,
            values ->
                new ModelDefinition(
                    (String) values[0],
                    (long) values[1],
                    (long) values[2],
                    (boolean) values[3],
                    values[5] == null ? 0 : (long) values[5],
                    values[6] != null && (boolean) values[6],
                    (ModelManifest) values[4]));
    parser.declareString(constructorArg(), ID);
    parser.declareLong(constructorArg(), GENERATION);
    parser.declareLong(constructorArg(), CREATED);
    parser.declareBoolean(constructorArg(), DEPLOYED);
    parser.declareObject(constructorArg(), ModelManifest.parser(true), MANIFEST);
    parser.declareLong(optionalConstructorArg(), DEPLOYMENTS);
    parser.declareBoolean(optionalConstructorArg(), DELETING);
    return parser;
  }

  /**
   * @param format of the metadata that it is to stand in, at least 3
   */
  void writeTo(StreamOutput out, int format) throws IOException {
    out.writeString(id);
    out.writeVLong(generation);
    out.writeVLong(createdMillis);
    out.writeBoolean(deployed);
    out.writeVLong(deployments);
    if (format >= 4) {
      out.writeBoolean(deleting);
    }
    manifest.writeTo(out);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder
        .startObject()
        .field(ID.getPreferredName(), id)
        .field(GENERATION.getPreferredName(), generation)
        .field(CREATED.getPreferredName(), createdMillis)
        .field(DEPLOYED.getPreferredName(), deployed)
        .field(DEPLOYMENTS.getPreferredName(), deployments)
        .field(DELETING.getPreferredName(), deleting)
        .field(MANIFEST.getPreferredName(), manifest)
        .endObject();
  }
}
