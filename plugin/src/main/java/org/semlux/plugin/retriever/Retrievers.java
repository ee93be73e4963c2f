package org.semlux.plugin.retriever;

import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverParserContext;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.query.ParseReason;

/** What a node registers for this package. */
public final class Retrievers {
  private Retrievers() {}

  public static List<RetrieverSpec<?>> specs(EncoderSource encoders, TextFields textFields) {
    return List.of(
        RerankRetrieverBuilder.spec(encoders, textFields),
        FusionRetrieverBuilder.spec(),
        DiversifyRetrieverBuilder.spec(textFields));
  }

  /**
   * Reads one of our retrievers.
   *
   * @throws org.elasticsearch.common.ParsingException saying what is wrong with it
   */
  static <R extends RetrieverBuilder> R parsed(
      BiFunction<XContentParser, RetrieverParserContext, R> reader,
      XContentParser parser,
      RetrieverParserContext context)
      throws IOException {
    return ParseReason.first(
        parser,
        () -> {
          R retriever = reader.apply(parser, context);
          Float least = retriever.minScore();
          if (least != null && !Float.isFinite(least)) {
            throw new IllegalArgumentException("[min_score] must be a finite number, not " + least);
          }
          return retriever;
        });
  }

  /** Ranked documents, which go to their shards. */
  public static List<NamedWriteableRegistry.Entry> namedWriteables() {
    return List.of(
        new NamedWriteableRegistry.Entry(RankDoc.class, RerankedDoc.NAME, RerankedDoc::new),
        new NamedWriteableRegistry.Entry(RankDoc.class, FusedDoc.NAME, FusedDoc::new));
  }
}
