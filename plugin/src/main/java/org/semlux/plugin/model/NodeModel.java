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
    /**
     * Two lengths begin with the first one's complement: earlier builds write one of each model.
     */
    static Shape read(StreamInput in) throws IOException {
      EncoderKind kind = in.readEnum(EncoderKind.class);
      int dimensions = in.readVInt();
      int length = in.readVInt();
      return new Shape(
          kind,
          dimensions,
          length < 0 ? ~length : length,
          length < 0 ? in.readVInt() : length,
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
      if (maxQueryTokens == maxTokens) {
        out.writeVInt(maxTokens);
      } else {
        out.writeVInt(~maxTokens);
        out.writeVInt(maxQueryTokens);
      }
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
        Optional.ofNullable(in.readOptionalWriteable(Shape::read)));
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
