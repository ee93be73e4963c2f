package org.semlux.plugin.retriever;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.lucene.search.Explanation;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.xcontent.XContentBuilder;

/** A document that several retrievers found, with what each of them adds to its score. */
final class FusedDoc extends RankDoc implements Passage.Holder {
  static final String NAME = "semlux_fused_doc";

  /**
   * One retriever's share.
   *
   * @param rank there, from 1; 0 where the document was not found
   * @param score there; not a number where documents have none
   * @param adds to the fused score, its weight included
   */
  record Part(int rank, float score, float adds) implements Writeable {
    static final Part NONE = new Part(0, 0, 0);

    Part(StreamInput in) throws IOException {
      this(in.readVInt(), in.readFloat(), in.readFloat());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeVInt(rank);
      out.writeFloat(score);
      out.writeFloat(adds);
    }
  }

  private final Part[] parts;
  private double sum;
  private Optional<Passage> passage = Optional.empty();

  FusedDoc(int doc, int shardIndex, int retrievers) {
    super(doc, 0, shardIndex);
    parts = new Part[retrievers];
    Arrays.fill(parts, Part.NONE);
  }

  FusedDoc(StreamInput in) throws IOException {
    super(in);
    parts = in.readArray(Part::new, Part[]::new);
    passage = Optional.ofNullable(in.readOptionalWriteable(Passage::new));
  }

  /** Adds what a retriever found, each once; of several passages the first one stays. */
  void add(int retriever, Part part, Optional<Passage> found) {
    parts[retriever] = part;
    passage = passage.or(() -> found);
    sum += part.adds;
    score = (float) sum;
  }

  /**
   * Better ones first: by score, then by the first retriever's rank, the second one's, and so on.
   */
  static int compare(FusedDoc one, FusedDoc other) {
    int order = Float.compare(other.score, one.score);
    for (int i = 0; order == 0 && i < one.parts.length; i++) {
      order = Integer.compare(one.rankIn(i), other.rankIn(i));
    }
    return order;
  }

  /** The rank in a retriever's list; behind all others where it is not in it. */
  private int rankIn(int retriever) {
    return parts[retriever].rank == 0 ? Integer.MAX_VALUE : parts[retriever].rank;
  }

  @Override
  public Optional<Passage> passage() {
    return passage;
  }

  @Override
  public Explanation explain(Explanation[] sources, String[] queryNames) {
    List<Explanation> details = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      String name = queryNames[i] == null ? "" : " [" + queryNames[i] + "]";
      Part part = parts[i];
      details.add(
          part.rank == 0
              ? Explanation.noMatch("retriever " + i + name + ": not among its hits")
              : Explanation.match(
                  part.adds,
                  "retriever %s%s: rank [%s], score [%s], adds:"
                      .formatted(i, name, part.rank, part.score),
                  sources[i]));
    }
    return Explanation.match(score, "rank [" + rank + "], the sum of:", details);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    out.writeArray(parts);
    out.writeOptionalWriteable(passage.orElse(null));
  }

  @Override
  protected void doToXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startArray("parts");
    for (Part part : parts) {
      builder.startObject().field("rank", part.rank).field("adds", part.adds).endObject();
    }
    builder.endArray();
  }

  @Override
  protected boolean doEquals(RankDoc other) {
    FusedDoc that = (FusedDoc) other;
    return Arrays.equals(parts, that.parts) && passage.equals(that.passage);
  }

  @Override
  protected int doHashCode() {
    return 31 * Arrays.hashCode(parts) + passage.hashCode();
  }
}
