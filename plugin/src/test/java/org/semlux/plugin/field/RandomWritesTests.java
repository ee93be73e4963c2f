package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.TwoNodesTestCase;

/**
 * Bulks of any documents, beside a map that takes what was answered as written: then each text is
 * found, and nothing else is.
 */
public class RandomWritesTests extends TwoNodesTestCase {
  private static final String INDEX = "notes";
  private static final String FIELD = "{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}";
  private static final String MAPPING =
      """
      {"dynamic_templates":[
        {"texts":{"match":"*_text","mapping":%1$s}},
        {"too":{"match":"*_too","mapping":{"type":"text","copy_to":"body"}}},
        {"multi":{"match":"*_multi","mapping":{"type":"text","fields":{"meaning":%1$s}}}}],
       "properties":{"body":%1$s,"title":{"type":"text","copy_to":"body"}}}"""
          .formatted(FIELD);
  private static final List<String> NAMES =
      List.of(
          "body",
          "title",
          "a_too",
          "b_too",
          "a_text",
          "b_text",
          "a_multi",
          "b_multi",
          "o.c_text",
          "o.c_too",
          "o.c_multi",
          "n");
  private static final List<String> WORDS =
      List.of("river", "dog", "house", "music", "winter", "money", "doctor", "train");

  private final Map<String, Map<String, Object>> written = new TreeMap<>();

  private Object value(String name) {
    if (name.equals("n")) {
      return randomInt(9);
    }
    return switch (randomInt(5)) {
      case 0 -> List.of(text(), text());
      case 1 -> Arrays.asList(null, text(), " ");
      case 2 -> randomFrom("", " ");
      default -> text();
    };
  }

  private String text() {
    return randomFrom(WORDS) + " " + randomFrom(WORDS);
  }

  private Map<String, Object> document() {
    Map<String, Object> document = new HashMap<>();
    for (String name : randomSubsetOf(randomIntBetween(1, 4), NAMES)) {
      put(document, name, value(name));
    }
    return document;
  }

  @SuppressWarnings("unchecked") // objects of this test are such maps
  private static void put(Map<String, Object> document, String name, Object value) {
    if (name.startsWith("o.") && randomBoolean()) {
      Map<String, Object> inner =
          (Map<String, Object>) document.computeIfAbsent("o", o -> new HashMap<>());
      inner.put(name.substring(2), value);
    } else {
      document.put(name, value);
    }
  }

  /** As an update merges. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> merged(Map<String, Object> before, Map<String, Object> now) {
    Map<String, Object> all = new HashMap<>(before);
    now.forEach(
        (name, value) ->
            all.merge(
                name,
                value,
                (old, other) ->
                    old instanceof Map<?, ?> && other instanceof Map<?, ?>
                        ? merged((Map<String, Object>) old, (Map<String, Object>) other)
                        : other));
    return all;
  }

  /** What is to be found, by fields. */
  private static Map<String, List<String>> texts(Map<String, Object> document) {
    Map<String, List<String>> texts = new TreeMap<>();
    collect("", document, texts);
    return texts;
  }

  private static void collect(String prefix, Map<?, ?> object, Map<String, List<String>> texts) {
    object.forEach(
        (key, value) -> {
          String name = prefix + key;
          if (value instanceof Map<?, ?> inner) {
            collect(name + ".", inner, texts);
            return;
          }
          String field =
              name.endsWith("_too") || name.equals("title")
                  ? "body"
                  : name.endsWith("_multi") ? name + ".meaning" : name;
          for (Object one : value instanceof List<?> list ? list : List.of(value)) {
            if (one instanceof String text && !text.isBlank()) {
              texts.computeIfAbsent(field, f -> new ArrayList<>()).add(text);
            }
          }
        });
  }

  /**
   * @param document null where it is deleted
   */
  private record Step(String id, boolean update, @Nullable Map<String, Object> document) {}

  private void write(int steps) {
    Client client = internalCluster().client(randomFrom(internalCluster().getNodeNames()));
    BulkRequestBuilder bulk = client.prepareBulk();
    List<Step> all = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      String id = "" + randomInt(7);
      Map<String, Object> document = document();
      switch (randomInt(9)) {
        case 0 -> {
          bulk.add(client.prepareDelete(INDEX, id));
          all.add(new Step(id, false, null));
        }
        case 1, 2, 3 -> {
          bulk.add(
              client.prepareUpdate(INDEX, id).setDoc(document).setDocAsUpsert(randomBoolean()));
          all.add(new Step(id, true, document));
        }
        default -> {
          bulk.add(client.prepareIndex(INDEX).setId(id).setSource(document));
          all.add(new Step(id, false, document));
        }
      }
    }
    BulkItemResponse[] items = bulk.get(TimeValue.timeValueSeconds(60)).getItems();
    for (int i = 0; i < steps; i++) {
      Step step = all.get(i);
      if (items[i].isFailed()) {
        boolean absent = items[i].status() == RestStatus.NOT_FOUND && !written.containsKey(step.id);
        boolean overtaken =
            items[i].status() == RestStatus.TOO_MANY_REQUESTS
                && IntStream.range(i + 1, steps)
                    .anyMatch(
                        later -> all.get(later).id.equals(step.id) && !items[later].isFailed());
        assertTrue(items[i].getFailureMessage(), absent || overtaken);
      } else if (step.document == null) {
        written.remove(step.id);
      } else if (step.update && written.containsKey(step.id)) {
        written.merge(step.id, step.document, RandomWritesTests::merged);
      } else {
        written.put(step.id, step.document);
      }
    }
  }

  private void check() {
    indicesAdmin().prepareRefresh(INDEX).get();
    Map<String, Map<String, Object>> found = new TreeMap<>();
    Map<String, Map<String, Integer>> chunks = new TreeMap<>();
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setSource(
                new SearchSourceBuilder()
                    .size(100)
                    .fetchSource(FetchSourceContext.of(true, false, null, null))),
        response -> {
          for (SearchHit hit : response.getHits()) {
            Map<String, Object> source = new HashMap<>(hit.getSourceAsMap());
            Map<String, Integer> counts = new TreeMap<>();
            if (source.remove(StoredChunksMapper.NAME) instanceof List<?> entries) {
              for (Object entry : entries) {
                EncodedText encoded = EncodedText.parse(entry);
                counts.put(encoded.field(), encoded.chunks().size());
              }
            }
            found.put(hit.getId(), source);
            chunks.put(hit.getId(), counts);
          }
        });
    assertEquals(written, found);
    written.forEach(
        (id, document) -> {
          Map<String, List<String>> texts = texts(document);
          Map<String, Integer> counts = new TreeMap<>();
          texts.forEach((field, values) -> counts.put(field, values.size()));
          assertEquals(document.toString(), counts, chunks.get(id));
          texts.forEach((field, values) -> values.forEach(text -> assertFound(id, field, text)));
        });
  }

  private void assertFound(String id, String field, String text) {
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(
                QueryBuilders.boolQuery()
                    .filter(QueryBuilders.idsQuery().addIds(id))
                    .must(
                        QueryBuilders.wrapperQuery(
                            "{\"semlux\":{\"field\":\"%s\",\"query\":\"%s\",\"k\":100}}"
                                .formatted(field, text)))),
        response -> {
          assertEquals(0, response.getFailedShards());
          assertEquals(field, 1, response.getHits().getHits().length);
          assertEquals(text, 1, response.getHits().getAt(0).getScore(), 1e-3);
        });
  }

  public void testWhatIsWrittenIsFound() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    prepareCreate(INDEX)
        .setSettings(
            Settings.builder()
                .put("number_of_shards", randomIntBetween(1, 2))
                .put("number_of_replicas", randomIntBetween(0, 1)))
        .setMapping(MAPPING)
        .get();
    ensureGreen(INDEX);
    for (int round = 0; round < 8; round++) {
      write(randomIntBetween(1, 12));
      check();
    }
  }
}
