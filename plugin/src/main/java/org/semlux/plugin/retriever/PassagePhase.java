package org.semlux.plugin.retriever;

import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.highlight.Encoder;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.fetch.FetchContext;
import org.elasticsearch.search.fetch.FetchSubPhase;
import org.elasticsearch.search.fetch.FetchSubPhaseProcessor;
import org.elasticsearch.search.fetch.StoredFieldsSpec;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightField;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightUtils;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.rankdoc.RankDocsQuery;
import org.elasticsearch.xcontent.Text;
import org.semlux.plugin.field.SemluxHighlighter;

/**
 * Puts the passage that won into a hit's {@code highlight}, under the name of its field: what a
 * client already shows as the part of a document that matters. A highlighter that the search asks
 * for on the same field keeps its place there.
 */
public final class PassagePhase implements FetchSubPhase {
  @Override
  public FetchSubPhaseProcessor getProcessor(FetchContext context) {
    Map<Integer, Passage> passages = passages(context);
    return passages.isEmpty() ? null : new Processor(passages, encoder(context));
  }

  /** That of the highlights beside which passages stand. */
  private static Encoder encoder(FetchContext context) {
    return context.highlight() == null
        ? HighlightUtils.Encoders.DEFAULT
        : context.highlight().fields().stream()
            .findAny()
            .map(field -> SemluxHighlighter.encoder(field.fieldOptions()))
            .orElse(HighlightUtils.Encoders.DEFAULT);
  }

  /** By the number of the document in its shard. */
  private static Map<Integer, Passage> passages(FetchContext context) {
    Map<Integer, Passage> passages = new HashMap<>();
    if (context.parsedQuery() != null
        && context.parsedQuery().query() instanceof RankDocsQuery query) {
      for (RankDoc doc : query.rankDocs()) {
        if (doc instanceof Passage.Holder holder) {
          holder.passage().ifPresent(passage -> passages.put(doc.doc, passage));
        }
      }
    }
    return passages;
  }

  private record Processor(Map<Integer, Passage> passages, Encoder encoder)
      implements FetchSubPhaseProcessor {
    @Override
    public void setNextReader(LeafReaderContext reader) {}

    @Override
    public StoredFieldsSpec storedFieldsSpec() {
      return StoredFieldsSpec.NO_REQUIREMENTS;
    }

    @Override
    public void process(HitContext context) {
      SearchHit hit = context.hit();
      Passage passage = passages.get(hit.docId());
      if (passage != null) {
        Map<String, HighlightField> fields = new HashMap<>(hit.getHighlightFields());
        Text[] fragments = {new Text(encoder.encodeText(passage.text()))};
        fields.putIfAbsent(passage.field(), new HighlightField(passage.field(), fragments));
        hit.highlightFields(fields);
      }
    }
  }
}
