package org.semlux.plugin.model;

import java.io.IOException;
import java.util.Optional;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ToXContentFragment;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;

/**
 * Where a deployed model stands on one node.
 *
 * @param generation of the upload that this is about
 * @param state deploying, deployed or failed; no answer, where others say it of a node
 * @param reason why it failed or what it waits for; empty when there is nothing to say
 * @param shape what was loaded; empty until it is
 */
public record NodeModel(long generation, ModelState state, String reason, Optional<Shape> shape)
    implements Writeable, ToXContentFragment {
  /** What a loaded model is, as far as a user of the cluster needs it. */
  public record Shape(
      EncoderKind kind,
      int dimensions,
      int maxTokens,
      int maxQueryTokens,
      Precision precision,
      String precisionReason,
      long bytes)
      implements Writeable {
    Shape(StreamInput in) throws IOException {
      this(
          in.readEnum(EncoderKind.class),
          in.readVInt(),
          in.readVInt(),
          in.readVInt(),
          in.readEnum(Precision.class),
          in.readString(),
          in.readVLong());
    }

    static Shape of(EncoderInfo info) {
      return new Shape(
          info.kind(),
          info.dimensions(),
          info.maxTokens(),
          info.maxQueryTokens(),
          info.precision(),
          info.precisionReason(),
          info.bytes());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeEnum(kind);
      out.writeVInt(dimensions);
      out.writeVInt(maxTokens);
      out.writeVInt(maxQueryTokens);
      out.writeEnum(precision);
      out.writeString(precisionReason);
      out.writeVLong(bytes);
    }
  }

  public NodeModel(StreamInput in) throws IOException {
    this(
        in.readVLong(),
        in.readEnum(ModelState.class),
        in.readString(),
        Optional.ofNullable(in.readOptionalWriteable(Shape::new)));
  }

  public static NodeModel deploying(ModelDefinition model, String reason) {
    return new NodeModel(model.generation(), ModelState.DEPLOYING, reason, Optional.empty());
  }

  static NodeModel failed(ModelDefinition model, String reason) {
    return new NodeModel(model.generation(), ModelState.FAILED, reason, Optional.empty());
  }

  public static NodeModel noAnswer(ModelDefinition model, String reason) {
    return new NodeModel(model.generation(), ModelState.NO_ANSWER, reason, Optional.empty());
  }

  static NodeModel deployed(ModelDefinition model, Shape shape) {
    return new NodeModel(model.generation(), ModelState.DEPLOYED, "", Optional.of(shape));
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeVLong(generation);
    out.writeEnum(state);
    out.writeString(reason);
    out.writeOptionalWriteable(shape.orElse(null));
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.field("state", state.toString());
    if (!reason.isEmpty()) {
      builder.field("reason", reason);
    }
    if (shape.isPresent()) {
      builder.field("precision", shape.get().precision.toString());
      builder.field("precision_reason", shape.get().precisionReason);
      builder.field("memory_in_bytes", shape.get().bytes);
    }
    return builder;
  }
}
