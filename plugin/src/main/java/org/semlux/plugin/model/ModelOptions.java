package org.semlux.plugin.model;

import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.Precision;

/**
 * How a model is to be run.
 *
 * @param precision the numbers of its matrix products
 * @param maxBatchTokens tokens of a batch at most; 0 for the encoder's own default
 */
public record ModelOptions(Precision precision, int maxBatchTokens)
    implements Writeable, ToXContentObject {
  /** Precision by the CPU, batches as measured best. */
  public static final ModelOptions DEFAULT = new ModelOptions(Precision.AUTO, 0);

  private static final ParseField PRECISION = new ParseField("precision");
  private static final ParseField MAX_BATCH_TOKENS = new ParseField("max_batch_tokens");

  private static final int MOST_BATCH_TOKENS = 1 << 20;

  /**
   * @throws IllegalArgumentException for a batch of no size, or of far too many tokens
   */
  public ModelOptions {
    if (maxBatchTokens < 0 || maxBatchTokens > MOST_BATCH_TOKENS) {
      throw new IllegalArgumentException(
          "[max_batch_tokens] must be 0 to " + MOST_BATCH_TOKENS + ", not " + maxBatchTokens);
    }
  }

  public ModelOptions(StreamInput in) throws IOException {
    this(Precision.parse(in.readString()), in.readVInt());
  }

  static ConstructingObjectParser<ModelOptions, Void> parser(boolean lenient) {
    var parser =
        new ConstructingObjectParser<ModelOptions, Void>(
            "model_options",
            lenient,
            values ->
                new ModelOptions(
                    values[0] == null ? Precision.AUTO : Precision.parse((String) values[0]),
                    values[1] == null ? 0 : (int) values[1]));
    parser.declareString(optionalConstructorArg(), PRECISION);
    WholeNumber.declareInt(parser, optionalConstructorArg(), MAX_BATCH_TOKENS);
    return parser;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeString(precision.toString());
    out.writeVInt(maxBatchTokens);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject().field(PRECISION.getPreferredName(), precision.toString());
    if (maxBatchTokens > 0) {
      builder.field(MAX_BATCH_TOKENS.getPreferredName(), maxBatchTokens);
    }
    return builder.endObject();
  }
}
