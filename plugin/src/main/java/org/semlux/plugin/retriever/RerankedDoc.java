package org.semlux.plugin.retriever;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.apache.lucene.search.Explanation;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.xcontent.XContentBuilder;

/** A document with the place that a cross-encoder gave it. */
final class RerankedDoc extends RankDoc implements Passage.Holder {
  static final String NAME = "semlux_reranked_doc";

  /**
   * Where the place comes from.
   *
   * @param read what was scored by which model, for the explanation
   * @param before the rank that the inner retriever gave it, from 1
   * @param score the model's; none when the document has no text
   */
  record Origin(String read, int before, Optional<Float> score, Optional<Passage> passage)
      implements Writeable {
    Origin(StreamInput in) throws IOException {
      this(
          in.readString(),
          in.readVInt(),
          Optional.ofNullable(in.readOptionalFloat()),
          Optional.ofNullable(in.readOptionalWriteable(Passage::new)));
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(read);
      out.writeVInt(before);
      out.writeOptionalFloat(score.orElse(null));
      out.writeOptionalWriteable(passage.orElse(null));
    }
  }

  private final Origin origin;

  /**
   * @param score what the search shows and sorts by: 0 or more
   */
  RerankedDoc(int doc, int shardIndex, float score, Origin origin) {
    super(doc, score, shardIndex);
    this.origin = origin;
  }

  RerankedDoc(StreamInput in) throws IOException {
    super(in);
    origin = new Origin(in);
  }

  Origin origin() {
    return origin;
  }

  @Override
  public Optional<Passage> passage() {
    return origin.passage;
  }

  @Override
  public Explanation explain(Explanation[] sources, String[] queryNames) {
    String said =
        origin
            .score
            .map(score -> "score " + score + " of " + origin.read)
            .orElse("ranked last: the document has no text for " + origin.read);
    return Explanation.match(
        score,
        "rank [%s], it was [%s] before; %s; from:".formatted(rank, origin.before, said),
        sources);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    origin.writeTo(out);
  }

  @Override
  protected void doToXContent(XContentBuilder builder, Params params) throws IOException {
    builder.field("before", origin.before);
  }

  @Override
  protected boolean doEquals(RankDoc other) {
    return origin.equals(((RerankedDoc) other).origin);
  }

  @Override
  protected int doHashCode() {
    return Objects.hash(origin);
  }
}
