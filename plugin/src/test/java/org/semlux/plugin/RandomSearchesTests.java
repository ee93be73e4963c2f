package org.semlux.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.aggregations.bucket.SingleBucketAggregation;
import org.elasticsearch.search.aggregations.bucket.terms.Terms;
import org.elasticsearch.xcontent.Text;
import org.semlux.plugin.SearchTwin.Ambiguous;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Field;
import org.semlux.plugin.SearchTwin.Shard;

/** Queries, alone and with all that a search does with their hits. */
public class RandomSearchesTests extends TwinSearchTestCase {
  public void testSearchesFindWhatIsThere() throws Exception {
    searchAll();
  }

  @Override
  void search() {
    switch (between(0, 4)) {
      case 0 -> pages();
      case 1 -> collapsed();
      case 2 -> passages();
      default -> plain();
    }
  }

  private void plain() {
    Target target = target();
    TwinQuery query = TwinQuery.any(twin, 2);
    int size = between(0, 15);
    int from = rarely() ? between(1, 20) : 0;
    int window = Math.max(10, from + size);
    List<Shard> shards = target.shards(window);
    Map<Doc, Double> matches = scores(shards, query.scores());
    StringBuilder body = new StringBuilder();
    body.append(
        "{\"query\":%s,\"size\":%s,\"from\":%s,\"track_total_hits\":true"
            .formatted(query.json(), size, from));
    if (rarely() && !matches.isEmpty()) {
      double least = randomFrom(matches.values()) * 0.97;
      if (matches.values().stream().anyMatch(score -> Math.abs(score - least) <= near(score))) {
        throw new Ambiguous();
      }
      matches.values().removeIf(score -> score < least);
      body.append(",\"min_score\":").append(least);
    }
    Map<Doc, Double> shown = new LinkedHashMap<>(matches);
    if (rarely()) {
      TwinQuery.Filter filter = TwinQuery.filter();
      shown.keySet().removeIf(filter.accepts().negate());
      body.append(",\"post_filter\":").append(filter.json());
    }
    TwinQuery counted = TwinQuery.any(twin, 1);
    Map<Doc, Double> counts = scores(shards, counted.scores());
    counts.keySet().retainAll(matches.keySet());
    boolean counting = rarely();
    if (counting) {
      body.append(
          ",\"aggs\":{\"tags\":{\"terms\":{\"field\":\"tag\"}},\"some\":{\"filter\":%s}}"
              .formatted(counted.json()));
    }
    // Elasticsearch's exact search explains each chunk, and its scorer knows the best ones alone.
    boolean explaining =
        rarely()
            && target.indices().stream()
                .flatMap(index -> index.fields.values().stream())
                .noneMatch(Field::flat);
    body.append(explaining ? ",\"explain\":true}" : "}");
    run(
        target,
        body.toString(),
        response -> {
          assertEquals(shown.size(), response.getHits().getTotalHits().value());
          SearchHit[] hits = response.getHits().getHits();
          assertPage(shown, from, size, hits);
          for (SearchHit hit : hits) {
            Doc doc = find(shown, Found.of(hit));
            Set<String> named = new HashSet<>();
            query
                .names()
                .forEach(
                    (name, scores) -> {
                      if (scores(shards, scores).containsKey(doc)) {
                        named.add(name);
                      }
                    });
            assertEquals(named, Set.of(hit.getMatchedQueries()));
            if (explaining) {
              float value = hit.getExplanation().getValue().floatValue();
              assertEquals(hit.getScore(), value, near(value));
            }
          }
          if (counting) {
            Map<String, Long> tags = new TreeMap<>();
            Terms terms = response.getAggregations().get("tags");
            terms.getBuckets().forEach(b -> tags.put(b.getKeyAsString(), b.getDocCount()));
            assertEquals(
                matches.keySet().stream()
                    .collect(
                        Collectors.groupingBy(
                            doc -> doc.keyword("tag"), TreeMap::new, Collectors.counting())),
                tags);
            SingleBucketAggregation some = response.getAggregations().get("some");
            assertEquals(counts.size(), some.getDocCount());
          }
        });
  }

  /** All pages of a search that is sorted by numbers, or by scores and then these. */
  private void pages() {
    Target target = target();
    TwinQuery query = TwinQuery.any(twin, 2);
    int size = between(1, 10);
    Map<Doc, Double> matches = scores(target.shards(Math.max(10, size)), query.scores());
    boolean byScore = randomBoolean();
    String sort = byScore ? "[{\"_score\":\"desc\"},{\"n\":\"asc\"}]" : "[{\"n\":\"desc\"}]";
    List<Found> all = new ArrayList<>();
    Object[][] after = new Object[1][];
    do {
      String more =
          after[0] == null
              ? ""
              : ",\"search_after\":" + Arrays.stream(after[0]).map(String::valueOf).toList();
      after[0] = null;
      run(
          target,
          "{\"query\":%s,\"size\":%s,\"track_scores\":true,\"sort\":%s%s}"
              .formatted(query.json(), size, sort, more),
          response -> {
            for (SearchHit hit : response.getHits()) {
              all.add(Found.of(hit));
              after[0] = hit.getSortValues();
            }
          });
    } while (after[0] != null);
    try {
      if (byScore) {
        assertPage(matches, 0, Integer.MAX_VALUE, all);
      } else {
        List<Integer> numbers =
            matches.keySet().stream().map(Doc::number).sorted(Comparator.reverseOrder()).toList();
        assertEquals(
            numbers,
            all.stream().map(hit -> hit.sort()[0]).map(n -> ((Number) n).intValue()).toList());
      }
    } catch (AssertionError e) {
      throw new AssertionError(
          Arrays.toString(target.names()) + " " + query.json() + " size " + size + sort, e);
    }
  }

  /** The best of each group. */
  private void collapsed() {
    Target target = target();
    TwinQuery query = TwinQuery.any(twin, 2);
    Map<Doc, Double> matches = scores(target.shards(30), query.scores());
    Map<String, Double> best = new HashMap<>();
    matches.forEach((doc, score) -> best.merge("" + doc.keyword("group"), score, Math::max));
    boolean inner = randomBoolean();
    run(
        target,
        "{\"query\":%s,\"size\":30,\"collapse\":{\"field\":\"group\"%s}}"
            .formatted(query.json(), inner ? ",\"inner_hits\":{\"name\":\"all\",\"size\":50}" : ""),
        response -> {
          SearchHit[] hits = response.getHits().getHits();
          assertEquals(best.keySet().toString(), best.size(), hits.length);
          Set<String> seen = new HashSet<>();
          for (SearchHit hit : hits) {
            Doc doc = find(matches, Found.of(hit));
            String group = "" + doc.keyword("group");
            assertTrue(seen.add(group));
            assertEquals(best.get(group), hit.getScore(), near(hit.getScore()));
            if (inner) {
              Map<Doc, Double> members = new LinkedHashMap<>(matches);
              members.keySet().removeIf(one -> !group.equals("" + one.keyword("group")));
              assertPage(members, 0, 50, hit.getInnerHits().get("all").getHits());
            }
          }
        });
  }

  /** Which chunks a document is found by. */
  private void passages() {
    Target target = target();
    String name = randomFrom(TwinQuery.FIELDS);
    String text = TwinQuery.words(between(1, 5));
    int count = between(0, 3);
    Map<Doc, Double> matches =
        scores(target.shards(10), shard -> twin.semlux(shard, name, text, 100, doc -> true));
    String body =
        """
        {"query":{"semlux":{"field":"%1$s","query":"%2$s","k":100,"num_candidates":5000,"inner_hits":{"size":50}}},
        "highlight":{"fields":{"%1$s":{"number_of_fragments":%3$s,"order":"score"}}},
        "fields":[{"field":"%1$s","format":"chunks"}]}"""
            .formatted(name, text, count);
    run(
        target,
        body,
        response -> {
          assertPage(matches, 0, 10, response.getHits().getHits());
          for (SearchHit hit : response.getHits()) {
            Doc doc = find(matches, Found.of(hit));
            Field field = doc.index().fields.get(name);
            List<String> chunks = SearchTwin.chunks(doc, field);
            assertEquals(
                chunks,
                hit.field(name).getValues().stream()
                    .map(chunk -> ((Map<?, ?>) chunk).get("text"))
                    .toList());
            ToDoubleFunction<String> score =
                chunk -> twin.score(field, doc.models().get(name), text, chunk);
            List<Double> best =
                chunks.stream()
                    .map(score::applyAsDouble)
                    .filter(one -> one > 0)
                    .sorted(Comparator.reverseOrder())
                    .toList();
            Text[] shown = hit.getHighlightFields().get(name).fragments();
            assertEquals(count == 0 ? best.size() : Math.min(count, best.size()), shown.length);
            for (int i = 0; i < shown.length; i++) {
              assertEquals(best.get(i), score.applyAsDouble(shown[i].string()), near(best.get(i)));
            }
            SearchHit[] inner = hit.getInnerHits().get(name + ".chunks").getHits();
            assertEquals(Math.min(50, best.size()), inner.length);
            for (int i = 0; i < inner.length; i++) {
              assertEquals(best.get(i), inner[i].getScore(), near(best.get(i)));
            }
          }
        });
  }
}
