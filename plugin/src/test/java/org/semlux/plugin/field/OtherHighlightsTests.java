package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder;

/** Words of other fields, in searches that ask for what a text means too. */
public class OtherHighlightsTests extends TextFieldTestCase {
  private static List<String> highlights(BoolQueryBuilder query, String field, String type) {
    List<String> found = new ArrayList<>();
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(query)
            .highlighter(
                new HighlightBuilder()
                    .field(new HighlightBuilder.Field(field).highlighterType(type))
                    .field("body")),
        response -> {
          assertEquals(0, response.getFailedShards());
          for (SearchHit hit : response.getHits()) {
            assertTrue(hit.getHighlightFields().containsKey("body"));
            if (hit.getHighlightFields().containsKey(field)) {
              found.add(hit.getHighlightFields().get(field).fragments()[0].string());
            }
          }
        });
    return found;
  }

  public void testWordsOfOtherFieldsAreHighlighted() throws Exception {
    create(
        """
        {"properties":{"body":{"type":"semlux_text","model_id":"tiny"},
          "title":{"type":"text","term_vector":"with_positions_offsets"}}}""",
        Settings.EMPTY);
    for (String title : List.of("the river rises", "a dog")) {
      prepareIndex(INDEX)
          .setSource("title", title, "body", title)
          .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
          .get();
    }
    for (String type : List.of("unified", "plain", "fvh")) {
      BoolQueryBuilder hybrid =
          QueryBuilders.boolQuery()
              .should(QueryBuilders.matchQuery("title", "river"))
              .should(query("rain"));
      assertEquals(type, List.of("the <em>river</em> rises"), highlights(hybrid, "title", type));
      BoolQueryBuilder both =
          QueryBuilders.boolQuery()
              .must(QueryBuilders.matchQuery("title", "river"))
              .must(query("rain"));
      assertEquals(type, List.of("the <em>river</em> rises"), highlights(both, "title", type));
    }
  }
}
