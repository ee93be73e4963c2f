package org.semlux.plugin.retriever;

import java.util.List;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.search.rank.RankDoc;
import org.semlux.ingest.EncoderSource;

/** What a node registers for this package. */
public final class Retrievers {
  private Retrievers() {}

  public static List<RetrieverSpec<?>> specs(EncoderSource encoders) {
    return List.of(RerankRetrieverBuilder.spec(encoders), FusionRetrieverBuilder.spec());
  }

  /** Ranked documents, which go to their shards. */
  public static List<NamedWriteableRegistry.Entry> namedWriteables() {
    return List.of(
        new NamedWriteableRegistry.Entry(RankDoc.class, RerankedDoc.NAME, RerankedDoc::new),
        new NamedWriteableRegistry.Entry(RankDoc.class, FusedDoc.NAME, FusedDoc::new));
  }
}
