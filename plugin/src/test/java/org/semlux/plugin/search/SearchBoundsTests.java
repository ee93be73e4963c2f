package org.semlux.plugin.search;

import static org.elasticsearch.xcontent.json.JsonXContent.jsonXContent;
import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.index.query.MatchAllQueryBuilder;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.rescore.QueryRescorerBuilder;
import org.elasticsearch.search.rescore.RescorerBuilder;
import org.elasticsearch.search.retriever.RescorerRetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.StandardRetrieverBuilder;
import org.elasticsearch.test.ESTestCase;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.plugin.rescore.CrossEncoderRescorerBuilder;

public class SearchBoundsTests extends ESTestCase {
  private static RetrieverBuilder standard() {
    return new StandardRetrieverBuilder(new MatchAllQueryBuilder());
  }

  private static RetrieverBuilder rescored(RetrieverBuilder inner, RescorerBuilder<?>... by) {
    return new RescorerRetrieverBuilder(inner, List.of(by));
  }

  private static RescorerBuilder<?> query(int window) {
    return new QueryRescorerBuilder(new MatchAllQueryBuilder()).windowSize(window);
  }

  private RescorerBuilder<?> crossEncoder() throws IOException {
    String options = "{\"model_id\":\"m\",\"field\":\"f\",\"query\":\"q\"}";
    try (XContentParser parser = createParser(jsonXContent, options)) {
      parser.nextToken();
      return CrossEncoderRescorerBuilder.spec(null).getParser().apply(parser);
    }
  }

  private static SearchSourceBuilder search(RetrieverBuilder retriever) {
    return new SearchSourceBuilder().retriever(retriever);
  }

  /** It gives as many hits as its last rescorer leaves, and looks at those of the first. */
  public void testTheLargestWindowOfARescorerRetrieverCounts() {
    RetrieverBuilder narrowing = rescored(standard(), query(100), query(20));
    assertEquals(100, SearchBounds.window(search(narrowing)));
    assertEquals(100, SearchBounds.window(search(rescored(narrowing, query(30)))));
    assertEquals(10, SearchBounds.window(search(rescored(standard(), query(3)))));
    assertEquals(10_000, SearchBounds.window(search(rescored(standard(), query(12_000)))));
  }

  public void testPassesOfARescorerRetrieverCount() throws IOException {
    RescorerBuilder<?>[] six =
        Collections.nCopies(6, crossEncoder()).toArray(RescorerBuilder[]::new);
    RetrieverBuilder once = rescored(standard(), six);
    assertEquals(Optional.empty(), SearchBounds.excess(search(once)));
    assertThat(
        SearchBounds.excess(search(rescored(once, six))).orElseThrow(),
        containsString("asks for 12 passes of a cross-encoder"));
  }
}
