package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.in;
import static org.semlux.plugin.ModelCalls.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.semlux.plugin.SharedNodesTestCase;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.model.ClusterModels;

/** A model that others take the place of while documents are written. */
public class RedeployedModelTests extends SharedNodesTestCase {
  private static final TimeValue TIME = TimeValue.timeValueSeconds(60);
  private static final List<String> TEXTS =
      List.of("the river rises", "a dog", "rain ".repeat(700), "snow and wind ".repeat(300));
  private static final Set<RestStatus> MEANWHILE =
      Set.of(RestStatus.CONFLICT, RestStatus.SERVICE_UNAVAILABLE, RestStatus.TOO_MANY_REQUESTS);

  /** What a document holds of one text: by what, and the first number of each vector. */
  private record Written(String mark, List<Double> numbers) {
    boolean isLike(Written other) {
      boolean alike = numbers.size() == other.numbers.size();
      for (int i = 0; alike && i < numbers.size(); i++) {
        alike = Math.abs(numbers.get(i) - other.numbers.get(i)) < 1e-4;
      }
      return alike;
    }
  }

  private static TinyModel other(boolean second) throws Exception {
    return second
        ? new TinyModel(50_000, Path.of("../tests/src/test/resources/goldens/dense-bert-cls"))
        : new TinyModel(50_000);
  }

  private void create(String model) {
    putJsonPipeline(
        model,
        """
        {"processors":[
          {"semlux":{"model_id":"%1$s","input_output":[
            {"input_field":"text","output_field":"vector"}]}},
          {"semlux":{"model_id":"%1$s","chunking":{"strategy":"tokens","size":20,"overlap":0},
            "input_output":[{"input_field":"text","output_field":"parts"}]}}]}"""
            .formatted(model));
    prepareCreate(model)
        .setSettings(Settings.builder().put("number_of_shards", 2).put("number_of_replicas", 0))
        .setMapping(
            """
            {"dynamic":false,"properties":{
              "vector":{"type":"dense_vector","dims":32,"index":false},
              "parts":{"type":"nested","properties":{
                "vector":{"type":"dense_vector","dims":32,"index":false}}},
              "body":{"type":"semlux_text","model_id":"%s"}}}"""
                .formatted(model))
        .get();
  }

  private static BulkRequestBuilder bulk(String model, String prefix) {
    BulkRequestBuilder bulk = client().prepareBulk();
    for (int i = 0; i < TEXTS.size(); i++) {
      bulk.add(
          prepareIndex(model)
              .setId(prefix + i)
              .setPipeline(model)
              .setSource("text", TEXTS.get(i), "body", TEXTS.get(i), "n", i));
    }
    return bulk;
  }

  /** By kind of output and number of the text. */
  @SuppressWarnings("unchecked")
  private static Map<String, Written> written(SearchHit hit) {
    Map<String, Object> source = hit.getSourceAsMap();
    Map<String, Written> all = new HashMap<>();
    String n = source.get("n").toString();
    all.put(
        "whole " + n,
        new Written(version(source.get("vector_encoded")), List.of(first(source.get("vector")))));
    all.put(
        "parts " + n,
        new Written(
            version(source.get("parts_encoded")),
            ((List<Map<String, Object>>) source.get("parts"))
                .stream().map(part -> first(part.get("vector"))).toList()));
    EncodedText body = EncodedText.parse(((List<?>) source.get(StoredChunksMapper.NAME)).get(0));
    all.put(
        "body " + n,
        new Written(
            body.model().substring(body.model().indexOf(DocumentModels.BEHIND_ID)),
            body.chunks().stream().map(chunk -> first(chunk.vector())).toList()));
    return all;
  }

  private static String version(Object mark) {
    return ((Map<?, ?>) mark).get("version").toString();
  }

  private static double first(Object vector) {
    return ((Number) ((List<?>) vector).get(0)).doubleValue();
  }

  private static List<Map<String, Written>> all(String index) {
    indicesAdmin().prepareRefresh(index).get();
    List<Map<String, Written>> all = new ArrayList<>();
    assertResponse(
        client()
            .prepareSearch(index)
            .setSource(
                new SearchSourceBuilder()
                    .query(QueryBuilders.matchAllQuery())
                    .size(10_000)
                    .fetchSource(FetchSourceContext.of(true, false, null, null))),
        response -> response.getHits().forEach(hit -> all.add(written(hit))));
    return all;
  }

  private static void awaitMore(AtomicInteger counted, int more) throws Exception {
    int wanted = counted.get() + more;
    assertBusy(() -> assertThat(counted.get(), greaterThanOrEqualTo(wanted)), 60, TimeUnit.SECONDS);
  }

  public void testVectorsAreOfTheModelThatTheirMarksName() throws Exception {
    Map<String, Map<String, Written>> expected = new HashMap<>(); // by mark
    for (boolean second : List.of(false, true)) {
      String id = "model" + second;
      other(second).upload(client(), id);
      deploy(client(), id);
      create(id);
      assertFalse(bulk(id, "").get().hasFailures());
      for (Map<String, Written> document : all(id)) {
        document.forEach(
            (place, one) ->
                expected.computeIfAbsent(one.mark, m -> new HashMap<>()).put(place, one));
      }
    }
    assertEquals("a mark of each kind by each model", 6, expected.size());

    other(false).upload(client(), "tiny");
    deploy(client(), "tiny");
    create("tiny");
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger written = new AtomicInteger(); // bulks of which nothing is refused
    List<Thread> writers =
        List.of("a", "b").stream()
            .map(
                name ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              for (int i = 0; !ended.get(); i++) {
                                safeSleep(20); // the machine is others' too
                                BulkResponse answer = bulk("tiny", name + i + "-").get();
                                for (BulkItemResponse item : answer) {
                                  if (item.isFailed()) {
                                    assertThat(
                                        item.getFailureMessage(), item.status(), in(MEANWHILE));
                                    refused.incrementAndGet();
                                  }
                                }
                                written.addAndGet(answer.hasFailures() ? 0 : 1);
                              }
                            }))
            .toList();
    for (int i = 1; i <= 6; i++) {
      awaitMore(written, 3); // one of them has begun since the last deployment
      client()
          .execute(UndeployModelAction.TYPE, new ModelRequest(TIME, TIME, "tiny", true))
          .actionGet();
      awaitMore(refused, 1);
      other(i % 2 == 1).upload(client(), "tiny");
      deploy(client(), "tiny");
    }
    awaitMore(written, 3);
    ended.set(true);
    for (Thread writer : writers) {
      writer.join();
    }
    Map<String, Integer> marks = new HashMap<>();
    for (Map<String, Written> document : all("tiny")) {
      document.forEach(
          (place, one) -> {
            marks.merge(one.mark, 1, Integer::sum);
            assertTrue(place + one, expected.get(one.mark).get(place).isLike(one));
          });
    }
    logger.info("refused {}, written {}", refused, marks);
    assertEquals(expected.keySet(), marks.keySet());

    ClusterModels models = internalCluster().getInstance(ClusterModels.class);
    assertEquals(
        models.model("tiny").identity(),
        models.model("tiny", models.version("modelfalse")).identity());
    ElasticsearchStatusException replaced =
        expectThrows(
            ElasticsearchStatusException.class,
            () -> models.model("tiny", models.version("modeltrue")));
    assertEquals(RestStatus.SERVICE_UNAVAILABLE, replaced.status());
    assertThat(replaced.getMessage(), containsString("[tiny] was replaced while it was asked"));
  }
}
