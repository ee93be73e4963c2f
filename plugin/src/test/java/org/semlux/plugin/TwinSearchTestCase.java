package org.semlux.plugin;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.SearchType;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.plugins.PluginsService;
import org.elasticsearch.search.SearchHit;
import org.junit.After;
import org.junit.Before;
import org.semlux.encoders.batch.Workers;
import org.semlux.plugin.SearchTwin.Ambiguous;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Index;
import org.semlux.plugin.SearchTwin.Shard;

/** Any searches of any indices, beside a twin that looks at each document: they find the same. */
public abstract class TwinSearchTestCase extends RandomTestCase {
  private static final int ROUNDS = 4;
  private static final int SEARCHES = 25;

  private ExecutorService threads;
  TwinModels models;
  SearchTwin twin;
  private TwinIndices indices;

  @Before
  public void load() {
    threads = Executors.newFixedThreadPool(1);
    models = new TwinModels(new Workers(threads, 1, Runnable::run));
    twin = new SearchTwin(models);
  }

  @After
  public void close() throws Exception {
    models.close();
    threads.shutdown();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
  }

  /** What is searched: some indices by their names, or one by an alias with a filter. */
  record Target(String[] names, List<Index> indices, Predicate<Doc> alias) {
    List<Shard> shards(int window) {
      return SearchTwin.shards(indices, alias, window);
    }
  }

  Target target() {
    List<Index> all = indices.all();
    return switch (between(0, 3)) {
      case 0 ->
          new Target(
              new String[] {"red"}, all.subList(0, 1), doc -> "red".equals(doc.keyword("tag")));
      case 1, 2 -> new Target(new String[] {"a", "b"}, all, doc -> true);
      default -> {
        Index one = randomFrom(all);
        yield new Target(new String[] {one.name}, List.of(one), doc -> true);
      }
    };
  }

  void run(Target target, String body, Consumer<SearchResponse> check) {
    runPartially(
        target,
        body,
        response -> {
          assertEquals(Arrays.toString(response.getShardFailures()), 0, response.getFailedShards());
          check.accept(response);
        });
  }

  /** The same where shards may fail. */
  void runPartially(Target target, String body, Consumer<SearchResponse> check) {
    String node = randomFrom(internalCluster().getNodeNames());
    PluginsService plugins = internalCluster().getInstance(PluginsService.class, node);
    try {
      assertResponse(
          internalCluster()
              .client(node)
              .prepareSearch(target.names())
              .setSearchType(
                  randomFrom(SearchType.QUERY_THEN_FETCH, SearchType.DFS_QUERY_THEN_FETCH))
              .setSource(ClusterSearches.source(plugins, body)),
          check);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          Arrays.toString(target.names())
              + " "
              + body
              + "\nof "
              + target.shards(0).stream()
                  .map(shard -> shard.index().fields + " " + shard.docs())
                  .toList(),
          e);
    }
  }

  static Map<Doc, Double> scores(List<Shard> shards, TwinQuery.Scores query) {
    Map<Doc, Double> all = new LinkedHashMap<>();
    shards.forEach(shard -> all.putAll(query.of(shard)));
    return all;
  }

  static double near(double score) {
    return 1e-5 + Math.abs(score) / 200;
  }

  /** What a test keeps of a hit. */
  record Found(String index, String id, float score, Object[] sort) {
    static Found of(SearchHit hit) {
      return new Found(hit.getIndex(), hit.getId(), hit.getScore(), hit.getSortValues());
    }

    @Override
    public String toString() {
      return index + "/" + id + "=" + score;
    }
  }

  static void assertPage(Map<Doc, Double> expected, int from, int size, SearchHit[] hits) {
    assertPage(expected, from, size, Arrays.stream(hits).map(Found::of).toList());
  }

  /** A page of hits is one of these, by their scores. */
  static void assertPage(Map<Doc, Double> expected, int from, int size, List<Found> hits) {
    List<Double> order = expected.values().stream().sorted(Comparator.reverseOrder()).toList();
    assertEquals(hits + " of " + expected, Math.clamp(order.size() - from, 0, size), hits.size());
    Set<Doc> seen = new HashSet<>();
    for (int i = 0; i < hits.size(); i++) {
      Found hit = hits.get(i);
      Doc doc = find(expected, hit);
      assertNotNull(hit + " is not of " + expected, doc);
      assertTrue(hit + " twice", seen.add(doc));
      double score = expected.get(doc);
      assertEquals(doc + " of " + expected, score, hit.score, near(score));
      assertEquals("place " + i + " of " + expected, order.get(from + i), hit.score, near(score));
    }
  }

  static Doc find(Map<Doc, Double> expected, Found hit) {
    return expected.keySet().stream()
        .filter(doc -> doc.id().equals(hit.id) && doc.index().name.equals(hit.index))
        .findFirst()
        .orElse(null);
  }

  /** One random search, and what must come of it. */
  abstract void search();

  final void searchAll() throws Exception {
    List<String> ids = new ArrayList<>(TwinModels.DENSE);
    ids.addAll(TwinModels.SPARSE);
    ids.add(TwinModels.CROSS);
    for (String id : ids) {
      new TinyModel(500_000, TwinModels.folder(id)).upload(client(), id);
      ModelCalls.deploy(client(), id);
    }
    indices = new TwinIndices(twin);
    ModelCalls.alias(client(), TwinIndices.ALIAS, indices.live(), false);
    indices.create(client(), "a", 3, 1);
    indices.create(client(), "b", 2, 1);
    ensureGreen();
    client()
        .admin()
        .indices()
        .prepareAliases(TEST_REQUEST_TIMEOUT, TEST_REQUEST_TIMEOUT)
        .addAlias("a", "red", QueryBuilders.termQuery("tag", "red"))
        .get();
    int skipped = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = between(1, 3); i > 0; i--) {
        indices.write(client(), between(1, 30));
      }
      if (rarely()) {
        client().admin().indices().prepareForceMerge("a").setMaxNumSegments(1).get();
        indices.write(client(), 1);
      }
      for (int i = 0; i < SEARCHES; i++) {
        try {
          search();
        } catch (Ambiguous e) {
          skipped++;
        }
      }
      if (randomBoolean()) {
        indices.move(client());
      }
    }
    logger.info("{} of {} searches were ambiguous", skipped, ROUNDS * SEARCHES);
    assertTrue("" + skipped, skipped < ROUNDS * SEARCHES / 2);
  }
}
