package org.semlux.plugin.retriever;

import java.io.IOException;
import java.util.Optional;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.search.SearchHit;

/**
 * The part of a long text that a document was ranked by.
 *
 * @param field whose text it is; several are joined by commas
 */
record Passage(String field, String text) implements Writeable {
  Passage(StreamInput in) throws IOException {
    this(in.readString(), in.readString());
  }

  /** The one that a hit of an inner retriever came with. */
  static Optional<Passage> of(SearchHit hit) {
    return hit.getHighlightFields().values().stream()
        .findFirst()
        .map(field -> new Passage(field.name(), field.fragments()[0].string()));
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeString(field);
    out.writeString(text);
  }

  /** A ranked document that knows its passage. */
  interface Holder {
    Optional<Passage> passage();
  }
}
