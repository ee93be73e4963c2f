package org.semlux.plugin;

import static org.elasticsearch.test.ESTestCase.between;
import static org.elasticsearch.test.ESTestCase.randomBoolean;
import static org.elasticsearch.test.ESTestCase.randomFrom;
import static org.elasticsearch.test.ESTestCase.randomList;
import static org.elasticsearch.test.ESTestCase.rarely;
import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.search.SearchHit;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Field;
import org.semlux.plugin.SearchTwin.Index;

/** Random indices and documents, in a cluster and in its twin. */
final class TwinIndices {
  /** Stands for one dense model after the other. */
  static final String ALIAS = "live";

  private final SearchTwin twin;
  private final Map<String, Index> indices = new TreeMap<>();
  private String live = randomFrom(TwinModels.DENSE);
  private int numbers = 1;

  TwinIndices(SearchTwin twin) {
    this.twin = twin;
  }

  List<Index> all() {
    return List.copyOf(indices.values());
  }

  String live() {
    return live;
  }

  /** Another model for what is written from now on. */
  void move(Client client) {
    live = randomFrom(TwinModels.DENSE);
    ModelCalls.alias(client, ALIAS, live, true);
  }

  void create(Client client, String name, int maxShards, int maxReplicas) {
    Index index = new Index(name);
    String body = field(index, "body", List.of("body", "title"));
    String note = randomBoolean() ? field(index, "o.note", List.of("o.note")) : "";
    String meaning = randomBoolean() ? field(index, "name.meaning", List.of("name")) : "";
    String mapping =
        """
        {"dynamic":false,"properties":{
          "body":%s,
          "title":{"type":"text","copy_to":"body"},
          "o":{"properties":{"kind":{"type":"keyword"}%s}},
          "name":{"type":"text"%s},
          "tag":{"type":"keyword"},"group":{"type":"keyword"},"n":{"type":"integer"},
          "vec":{"type":"dense_vector","dims":32,"similarity":"cosine","index_options":{"type":"hnsw"}},
          "terms":{"type":"sparse_vector"},
          "notes":{"type":"nested","properties":{"kind":{"type":"keyword"}}}}}"""
            .formatted(
                body,
                note.isEmpty() ? "" : ",\"note\":" + note,
                meaning.isEmpty() ? "" : ",\"fields\":{\"meaning\":" + meaning + "}");
    client
        .admin()
        .indices()
        .prepareCreate(name)
        .setSettings(
            Settings.builder()
                .put("number_of_shards", between(1, maxShards))
                .put("number_of_replicas", between(0, maxReplicas)))
        .setMapping(mapping)
        .get();
    indices.put(name, index);
  }

  private static String field(Index index, String path, List<String> sources) {
    boolean dense = rarely() || randomBoolean() || randomBoolean();
    String model =
        !dense
            ? randomFrom(TwinModels.SPARSE)
            : randomBoolean() ? ALIAS : randomFrom(TwinModels.DENSE);
    String similarity =
        dense ? randomFrom("cosine", "cosine", "l2_norm", "max_inner_product") : "cosine";
    boolean flat = rarely();
    int size = between(1, 8);
    int overlap = between(0, size / 2);
    index.fields.put(path, new Field(path, sources, model, dense, flat, similarity, size, overlap));
    return "{\"type\":\"semlux_text\",\"model_id\":\"%s\"%s,\"chunking\":{\"strategy\":\"words\",\"size\":%s,\"overlap\":%s}}"
        .formatted(
            model,
            dense
                ? ",\"similarity\":\""
                    + similarity
                    + "\",\"index_options\":{\"type\":\""
                    + (flat ? "flat" : "hnsw")
                    + "\"}"
                : "",
            size,
            overlap);
  }

  private static Object text() {
    return switch (between(0, 9)) {
      case 0 -> List.of(TwinQuery.words(between(1, 9)), TwinQuery.words(between(1, 9)));
      case 1 -> Arrays.asList(null, TwinQuery.words(between(1, 20)), " ");
      case 2 -> randomFrom("", " ");
      default -> TwinQuery.words(between(1, 20));
    };
  }

  private Map<String, Object> document() {
    Map<String, Object> source = new HashMap<>();
    source.put("n", numbers++);
    source.put("tag", randomFrom(TwinQuery.TAGS));
    if (randomBoolean()) {
      source.put("group", randomFrom("g1", "g2", "g3"));
    }
    for (String name : List.of("body", "title", "name")) {
      if (randomBoolean() || (name.equals("body") && randomBoolean())) {
        source.put(name, text());
      }
    }
    switch (between(0, 2)) {
      case 0 -> source.put("o.note", text());
      case 1 -> source.put("o", Map.of("note", text()));
      default -> {}
    }
    String about = TwinQuery.words(between(1, 5));
    if (randomBoolean()) {
      source.put("vec", twin.models().vector(TwinQuery.VECTOR_MODEL, about, InputType.DOCUMENT));
    }
    if (randomBoolean()) {
      source.put("terms", twin.models().terms(TwinQuery.TERMS_MODEL, about, InputType.DOCUMENT));
    }
    if (randomBoolean()) {
      source.put("notes", randomList(0, 3, () -> Map.of("kind", randomFrom(TwinQuery.KINDS))));
    }
    return source;
  }

  private Doc doc(Index index, String id, Map<String, Object> source) {
    Map<String, String> models = new HashMap<>();
    index.fields.forEach(
        (path, field) -> models.put(path, field.model().equals(ALIAS) ? live : field.model()));
    return new Doc(index, id, 0, source, models);
  }

  /** Writes, updates and deletes some documents, which are seen afterwards. */
  void write(Client client, int steps) {
    BulkRequestBuilder bulk = client.prepareBulk();
    for (int i = 0; i < steps; i++) {
      Index index = randomFrom(all());
      String id = "" + between(0, 40);
      if (index.docs.containsKey(id) && rarely()) {
        bulk.add(client.prepareDelete(index.name, id));
        index.docs.remove(id);
      } else if (index.docs.containsKey(id) && randomBoolean()) {
        Map<String, Object> change = new HashMap<>(Map.of("n", numbers++));
        if (randomBoolean()) {
          change.put("body", text());
        }
        Doc before = index.docs.get(id);
        Map<String, Object> whole = new HashMap<>(before.source());
        whole.putAll(change);
        bulk.add(client.prepareUpdate(index.name, id).setDoc(change));
        // A bulk's update that brings no text leaves the document's vectors as they are.
        index.docs.put(
            id,
            change.containsKey("body")
                ? doc(index, id, whole)
                : new Doc(index, id, before.shard(), whole, before.models()));
      } else {
        Map<String, Object> source = document();
        bulk.add(client.prepareIndex(index.name).setId(id).setSource(source));
        index.docs.put(id, doc(index, id, source));
      }
    }
    BulkResponse answer = bulk.get(TimeValue.timeValueSeconds(60));
    assertFalse(answer.buildFailureMessage(), answer.hasFailures());
    client.admin().indices().prepareRefresh(indices.keySet().toArray(String[]::new)).get();
    indices.values().forEach(index -> place(client, index));
  }

  /** Asks which shards documents are in. */
  private static void place(Client client, Index index) {
    assertResponse(
        client.prepareSearch(index.name).setSize(1_000),
        response -> {
          List<String> found = new ArrayList<>();
          for (SearchHit hit : response.getHits()) {
            found.add(hit.getId());
            int shard = hit.getShard().getShardId().id();
            index.docs.computeIfPresent(
                hit.getId(), (id, doc) -> new Doc(index, id, shard, doc.source(), doc.models()));
          }
          assertEquals(index.docs.keySet(), found.stream().collect(Collectors.toSet()));
        });
  }
}
