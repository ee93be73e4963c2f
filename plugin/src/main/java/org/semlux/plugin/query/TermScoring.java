package org.semlux.plugin.query;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.vectors.TokenPruningConfig;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContentFragment;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * How a sparse query uses its weights.
 *
 * @param prune whether to leave frequent tokens of little weight out; null for the field's choice
 * @param pruningConfig null for the field's own, or else Elasticsearch's default
 * @param idf the power of the inverse document frequency that weights are multiplied by; 0 to leave
 *     them as they are, at most {@value #MAX_IDF}
 */
record TermScoring(@Nullable Boolean prune, @Nullable TokenPruningConfig pruningConfig, float idf)
    implements Writeable, ToXContentFragment {
  static final ParseField PRUNE = new ParseField("prune");
  static final ParseField PRUNING_CONFIG = new ParseField("pruning_config");
  static final ParseField IDF = new ParseField("idf");

  static final TermScoring DEFAULT = new TermScoring(null, null, 0);
  private static final int MAX_IDF = 10;

  /**
   * @throws IllegalArgumentException for an exponent that is none
   */
  TermScoring {
    if (!(idf >= 0 && idf <= MAX_IDF)) {
      throw new IllegalArgumentException(
          "[idf] must be an exponent from 0, which does nothing, to " + MAX_IDF + ", not " + idf);
    }
    if (pruningConfig != null && !isFinite(pruningConfig)) {
      throw new IllegalArgumentException("[pruning_config] holds a threshold that is no number");
    }
  }

  private static boolean isFinite(TokenPruningConfig config) {
    return Float.isFinite(config.getTokensFreqRatioThreshold())
        && Float.isFinite(config.getTokensWeightThreshold());
  }

  TermScoring(StreamInput in) throws IOException {
    this(
        in.readOptionalBoolean(),
        in.readOptionalWriteable(TokenPruningConfig::new),
        in.readFloat());
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeOptionalBoolean(prune);
    out.writeOptionalWriteable(pruningConfig);
    out.writeFloat(idf);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    if (prune != null) {
      builder.field(PRUNE.getPreferredName(), prune);
    }
    if (pruningConfig != null) {
      builder.field(PRUNING_CONFIG.getPreferredName(), pruningConfig);
    }
    return idf == 0 ? builder : builder.field(IDF.getPreferredName(), idf);
  }
}
