package org.semlux.plugin.action;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.Precision;

/**
 * An encoder's figures, on the wire and as JSON.
 *
 * @param precision what it computes in on this node
 * @param precisionReason why that
 * @param bytes of native memory that its weights take there
 * @param reserved bytes that are kept for it: weights, tokenizer and program, without batches
 */
public record ModelStats(
    EncoderStats stats, Precision precision, String precisionReason, long bytes, long reserved)
    implements Writeable, ToXContentObject {
  public ModelStats(StreamInput in) throws IOException {
    this(
        new EncoderStats(
            in.readVLong(),
            in.readVLong(),
            in.readVLong(),
            in.readVLong(),
            in.readVLong(),
            in.readVLong(),
            in.readVLong(),
            in.readVLong(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble()),
        in.readEnum(Precision.class),
        in.readString(),
        in.readVLong(),
        in.readVLong());
  }

  /**
   * Of all models that are loaded.
   *
   * @param reserved bytes by the models' ids
   */
  static Map<String, ModelStats> ofAll(Map<String, Encoder> encoders, Map<String, Long> reserved) {
    Map<String, ModelStats> all = new TreeMap<>();
    encoders.forEach((id, encoder) -> all.put(id, of(encoder, reserved.getOrDefault(id, 0L))));
    return all;
  }

  private static ModelStats of(Encoder encoder, long reserved) {
    EncoderInfo info = encoder.info();
    return new ModelStats(
        encoder.stats(), info.precision(), info.precisionReason(), info.bytes(), reserved);
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeVLong(stats.requests());
    out.writeVLong(stats.texts());
    out.writeVLong(stats.tokens());
    out.writeVLong(stats.batches());
    out.writeVLong(stats.rejected());
    out.writeVLong(stats.dropped());
    out.writeVLong(stats.queuedTexts());
    out.writeVLong(stats.queuedBytes());
    out.writeDouble(stats.latencyMillisP50());
    out.writeDouble(stats.latencyMillisP90());
    out.writeDouble(stats.latencyMillisP99());
    out.writeEnum(precision);
    out.writeString(precisionReason);
    out.writeVLong(bytes);
    out.writeVLong(reserved);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    double meanBatch = stats.batches() == 0 ? 0 : (double) stats.texts() / stats.batches();
    builder
        .startObject()
        .field("precision", precision.toString())
        .field("precision_reason", precisionReason)
        .field("memory_in_bytes", bytes)
        .field("reserved_in_bytes", reserved)
        .field("requests", stats.requests())
        .field("texts", stats.texts())
        .field("tokens", stats.tokens())
        .field("batches", stats.batches())
        .field("mean_batch_size", round(meanBatch))
        .field("rejections", stats.rejected())
        .field("dropped", stats.dropped());
    builder
        .startObject("queue")
        .field("texts", stats.queuedTexts())
        .field("size_in_bytes", stats.queuedBytes())
        .endObject();
    return builder
        .startObject("latency_ms")
        .field("p50", round(stats.latencyMillisP50()))
        .field("p90", round(stats.latencyMillisP90()))
        .field("p99", round(stats.latencyMillisP99()))
        .endObject()
        .endObject();
  }

  /** To the microsecond, or a thousandth of a text: more would be noise. */
  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
