package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertHitCount;

import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.settings.Settings;

/** Indices in which Elasticsearch maps by other defaults. */
public class IndexModesTests extends TextFieldTestCase {
  private static final String MAPPING =
      """
      {"properties":{"@timestamp":{"type":"date"},
        "place":{"type":"keyword","time_series_dimension":true},
        "notes":{"type":"passthrough","priority":10,"properties":{
          "text":{"type":"semlux_text","model_id":"tiny"}}},
        "body":{"type":"semlux_text","model_id":"tiny"}}}""";

  public void testTextsOfTimeSeriesAreFound() throws Exception {
    create(
        MAPPING,
        Settings.builder()
            .put("index.mode", "time_series")
            .putList("index.routing_path", "place")
            .put("index.time_series.start_time", "2024-01-01T00:00:00Z")
            .put("index.time_series.end_time", "2034-01-01T00:00:00Z")
            .build());
    for (String place : new String[] {"here", "there"}) {
      prepareIndex(INDEX)
          .setSource(
              "@timestamp",
              "2025-01-01T00:00:00Z",
              "place",
              place,
              "body",
              "rain",
              "notes.text",
              "snow")
          .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
          .get();
    }
    for (String field : new String[] {"body", "notes.text", "text"}) {
      assertHitCount(client().prepareSearch(INDEX).setQuery(query(field, "rain")), 2);
    }
  }
}
