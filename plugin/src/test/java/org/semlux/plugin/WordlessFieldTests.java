package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.plugins.PluginsService;

/** A {@code semlux_text} field, asked for by all that takes a field's name: it has no words. */
public class WordlessFieldTests extends SingleNodeTestCase {
  /** The refusal of the field's own, as against Elasticsearch's, which name it too. */
  private static final String OURS = "field [body] of type [semlux_text] is searched by a [semlux]";

  /** Queries, and how many of the two documents they find, or why they are refused. */
  private static final String QUERIES =
      """
      {"match":{"body":"rain"}} => OURS
      {"match":{"body":{"query":"rain","lenient":true}}} => 0
      {"match":{"body":{"query":"rain","fuzziness":1}}} => fuzzy queries on keyword and text fields - not on [body]
      {"match_phrase":{"body":"the rain"}} => OURS
      {"match_phrase_prefix":{"body":"the rain"}} => phrase prefix queries on text fields - not on [body]
      {"match_bool_prefix":{"body":"the rain"}} => OURS
      {"multi_match":{"query":"the rain","fields":["title","body"]}} => OURS
      {"multi_match":{"query":"the rain","fields":["title","body"],"lenient":true}} => 2
      {"multi_match":{"query":"the rain","fields":["title","body"],"type":"most_fields"}} => OURS
      {"multi_match":{"query":"the rain","fields":["title","body"],"type":"cross_fields"}} => OURS
      {"multi_match":{"query":"rain","fields":["title","body"],"type":"cross_fields","lenient":true}} => 2
      {"multi_match":{"query":"the rain","fields":["title","body"],"type":"phrase"}} => OURS
      {"multi_match":{"query":"the rain","fields":["body"],"type":"phrase_prefix"}} => phrase prefix queries on text fields - not on [body]
      {"multi_match":{"query":"the rain","fields":["title","body"],"type":"bool_prefix"}} => OURS
      {"multi_match":{"query":"the rain","fields":["*"]}} => 2
      {"multi_match":{"query":"the rain","fields":["title","bod*"],"lenient":true}} => 2
      {"multi_match":{"query":"the rain"}} => 2
      {"combined_fields":{"query":"the rain","fields":["body"]}} => [combined_fields] queries cannot be used with per-field similarities
      {"combined_fields":{"query":"the rain","fields":["title","body"]}} => [combined_fields] queries cannot be used with per-field similarities
      {"term":{"body":"rain"}} => OURS
      {"term":{"body":{"value":"rain","case_insensitive":true}}} => [body] field which is of type [semlux_text], does not support case insensitive term queries
      {"terms":{"body":["rain","snow"]}} => OURS
      {"terms_set":{"body":{"terms":["rain"],"minimum_should_match_field":"n"}}} => OURS
      {"wildcard":{"body":"ra*"}} => wildcard fields - not on [body]
      {"regexp":{"body":"ra.*"}} => text fields - not on [body]
      {"prefix":{"body":"ra"}} => wildcard fields - not on [body]
      {"fuzzy":{"body":"rain"}} => text fields - not on [body]
      {"range":{"body":{"gt":"a"}}} => Field [body] of type [semlux_text] does not support range queries
      {"exists":{"field":"body"}} => 2
      {"intervals":{"body":{"match":{"query":"the rain"}}}} => text fields - not on [body]
      {"intervals":{"title":{"match":{"query":"rain","use_field":"body"}}}} => text fields - not on [body]
      {"intervals":{"body":{"prefix":{"prefix":"ra"}}}} => text fields - not on [body]
      {"intervals":{"body":{"wildcard":{"pattern":"ra*"}}}} => text fields - not on [body]
      {"intervals":{"body":{"fuzzy":{"term":"rain"}}}} => text fields - not on [body]
      {"intervals":{"body":{"regexp":{"pattern":"ra.*"}}}} => text fields - not on [body]
      {"intervals":{"body":{"range":{"gt":"a","lt":"z"}}}} => text fields - not on [body]
      {"span_term":{"body":"rain"}} => field body was indexed without position data
      {"span_near":{"clauses":[{"span_term":{"body":"the"}},{"span_term":{"body":"rain"}}]}} => field body was indexed without position data
      {"span_multi":{"match":{"prefix":{"body":"ra"}}}} => text fields - not on [body]
      {"span_field_masking":{"query":{"span_term":{"title":"rain"}},"field":"body"}} => 2
      {"more_like_this":{"fields":["body"],"like":"rain","min_term_freq":1,"min_doc_freq":1}} => text/keyword fields: [body]
      {"more_like_this":{"fields":["body"],"like":{"_index":"notes","_id":"1"}}} => text/keyword fields: [body]
      {"query_string":{"query":"rain"}} => 2
      {"query_string":{"query":"body:rain","lenient":false}} => OURS
      {"query_string":{"query":"body:\\"the rain\\"","lenient":false}} => OURS
      {"query_string":{"query":"body:ra*","lenient":false}} => wildcard fields - not on [body]
      {"query_string":{"query":"body:*"}} => 2
      {"query_string":{"query":"_exists_:body"}} => 2
      {"query_string":{"query":"body:[a TO z]","lenient":false}} => Field [body] of type [semlux_text] does not support range queries
      {"query_string":{"query":"rain","fields":["body","title"],"lenient":true}} => 2
      {"query_string":{"query":"rain","fields":["body","title"],"type":"cross_fields"}} => OURS
      {"simple_query_string":{"query":"rain"}} => 2
      {"simple_query_string":{"query":"rain","fields":["body"]}} => OURS
      {"simple_query_string":{"query":"rain","fields":["body","title"],"lenient":true}} => 2
      {"simple_query_string":{"query":"ra*","fields":["body"]}} => wildcard fields - not on [body]
      {"simple_query_string":{"query":"rain~1","fields":["body"]}} => text fields - not on [body]
      {"distance_feature":{"field":"body","origin":"now","pivot":"7d"}} => Illegal data type of [semlux_text]
      {"geo_distance":{"distance":"1km","body":[1,2]}} => Field [body] is of unsupported type [semlux_text]
      {"nested":{"path":"body","query":{"match_all":{}}}} => failed to find nested object under path [body]
      {"knn":{"field":"body","query_vector":[1,2],"k":1}} => only supported on [dense_vector] fields
      {"function_score":{"field_value_factor":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      {"function_score":{"linear":{"body":{"origin":1,"scale":2}}}} => not supported on field [body] of type [semlux_text]
      """;

  /** What else a search's body may have. */
  private static final String BODIES =
      """
      "sort":["body"] => not supported on field [body] of type [semlux_text]
      "collapse":{"field":"body"} => collapse is not supported for the field [body] of the type [semlux_text]
      "docvalue_fields":["body"] => not supported on field [body] of type [semlux_text]
      "fields":["body"] => 2
      "fields":[{"field":"body","format":"x"}] => field [body] of type [semlux_text] has no format [x]
      "stored_fields":["body"] => 2
      "highlight":{"fields":{"body":{}}} => 2
      "highlight":{"fields":{"body":{"type":"unified"}}} => 2
      "highlight":{"fields":{"body":{"type":"plain"}}} => 2
      "highlight":{"fields":{"body":{"type":"fvh"}}} => the field [body] should be indexed with term vector
      "suggest":{"s":{"text":"rian","term":{"field":"body"}}} => 0
      "suggest":{"s":{"text":"the rian","phrase":{"field":"body"}}} => 0
      "suggest":{"s":{"text":"rian","phrase":{"field":"title","direct_generator":[{"field":"body"}]}}} => 0
      "suggest":{"s":{"prefix":"ra","completion":{"field":"body"}}} => Field [body] is not a completion suggest field
      "aggs":{"a":{"terms":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"rare_terms":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"significant_terms":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"significant_text":{"field":"body"}}} => No analyzer configured for field body
      "aggs":{"a":{"significant_text":{"field":"title","source_fields":["body"]}}} => 2
      "aggs":{"a":{"cardinality":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"value_count":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"missing":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"min":{"field":"body"}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"histogram":{"field":"body","interval":1}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"range":{"field":"body","ranges":[{"to":1}]}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"composite":{"sources":[{"b":{"terms":{"field":"body"}}}]}}} => not supported on field [body] of type [semlux_text]
      "aggs":{"a":{"top_hits":{"sort":["body"]}}} => not supported on field [body] of type [semlux_text]
      """;

  private void index() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    indicesAdmin()
        .prepareCreate("notes")
        .setMapping(
            """
            {"properties":{"body":{"type":"semlux_text","model_id":"tiny"},
             "n":{"type":"integer"},"title":{"type":"text"}}}""")
        .get();
    for (String id : List.of("1", "2")) {
      prepareIndex("notes")
          .setId(id)
          .setSource("body", "the rain falls", "title", "the rain falls", "n", 1)
          .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
          .get();
    }
  }

  public void testWhatFindsNothingSaysWhy() throws Exception {
    index();
    List<String> wrong = new ArrayList<>();
    QUERIES.lines().forEach(line -> check("{\"query\":%s}", line, wrong));
    BODIES.lines().forEach(line -> check("{%s}", line, wrong));
    assertEquals(String.join("\n", wrong), 0, wrong.size());
  }

  private void check(String body, String line, List<String> wrong) {
    String[] parts = line.split(" => ");
    String expected = parts[1].replace("OURS", OURS);
    String found = found(body.formatted(parts[0]));
    boolean right =
        expected.matches("\\d")
            ? found.equals(expected)
            : found.startsWith("BAD_REQUEST ") && found.contains(expected);
    if (!right) {
      wrong.add(line + "\n  was " + found);
    }
  }

  /** How many hits there are, or the status and the reason why not. */
  private String found(String body) {
    ActionFuture<SearchResponse> search =
        client()
            .prepareSearch("notes")
            .setSource(ClusterSearches.source(getInstanceFromNode(PluginsService.class), body))
            .execute();
    try {
      // A failed assertion in a shard's thread answers nobody.
      SearchResponse response = search.actionGet(20, TimeUnit.SECONDS);
      try {
        return String.valueOf(response.getHits().getHits().length);
      } finally {
        response.decRef();
      }
    } catch (Exception e) {
      return ExceptionsHelper.status(e) + " " + reason(e);
    }
  }

  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
