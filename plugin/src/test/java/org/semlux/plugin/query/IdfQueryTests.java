package org.semlux.plugin.query;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermStatistics;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.apache.lucene.tests.search.QueryUtils;
import org.elasticsearch.test.ESTestCase;

/** Against scores computed from the documents themselves. */
public class IdfQueryTests extends ESTestCase {
  private static final List<String> TOKENS = List.of("the", "cat", "sat", "mat", "rare");

  private static Query query(String token, float exponent) {
    return new IdfQuery(new Term("f", token), FeatureField.newLinearQuery("f", token, 1), exponent);
  }

  public void testScores() throws IOException {
    withIndex(
        (documents, reader) -> {
          IndexSearcher searcher = newSearcher(reader);
          for (String token : TOKENS) {
            float exponent = randomFrom(0.5f, 1f, 2f);
            Query query = query(token, exponent);
            QueryUtils.check(random(), query, searcher);
            long n = documents.stream().filter(d -> d.containsKey(token)).count();
            long total = documents.stream().filter(d -> !d.isEmpty()).count();
            double idf = Math.pow(Math.log(1 + (total - n + 0.5) / (n + 0.5)), exponent);
            ScoreDoc[] hits = searcher.search(query, documents.size() + 1).scoreDocs;
            assertEquals(n, hits.length);
            for (ScoreDoc hit : hits) {
              int id = Integer.parseInt(searcher.storedFields().document(hit.doc).get("id"));
              assertEquals(idf * documents.get(id).get(token), hit.score, 0.004 * hit.score);
              var explanation = searcher.explain(query, hit.doc);
              assertEquals(hit.score, explanation.getValue().floatValue(), 1e-5f * hit.score);
              assertThat(explanation.toString(), containsString(n + " = n, number of documents"));
              assertThat(explanation.toString(), containsString(total + " = N, total number"));
            }
          }
        });
  }

  /** As in a DFS search, which gathers the statistics of all shards before it scores. */
  public void testStatisticsAreTheSearchers() throws IOException {
    withIndex(
        (documents, reader) -> {
          IndexSearcher global =
              new IndexSearcher(reader) {
                @Override
                public TermStatistics termStatistics(Term term, int docFreq, long total) {
                  return new TermStatistics(term.bytes(), 10, Math.max(total, 10));
                }

                @Override
                public CollectionStatistics collectionStatistics(String field) {
                  return new CollectionStatistics(field, 5_000, 1_000, 90_000, 40_000);
                }
              };
          float plain = new IndexSearcher(reader).search(feature("the"), 1).scoreDocs[0].score;
          float scored = global.search(query("the", 2), 1).scoreDocs[0].score;
          assertEquals(Math.pow(Math.log(1 + 990.5 / 10.5), 2), scored / plain, 1e-3);
        });
  }

  private static Query feature(String token) {
    return FeatureField.newLinearQuery("f", token, 1);
  }

  public void testATermThatIsNowhere() throws IOException {
    withIndex(
        (documents, reader) ->
            assertEquals(0, new IndexSearcher(reader).count(query("absent", 1))));
  }

  public void testRarerTermsWeighMore() {
    float last = Float.POSITIVE_INFINITY;
    for (int having = 1; having <= 1_000; having *= 10) {
      float factor = IdfQuery.factor(1_000, having, 1);
      assertTrue(factor > 0 && factor < last);
      assertEquals(factor * factor, IdfQuery.factor(1_000, having, 2), 1e-4f * factor * factor);
      last = factor;
    }
  }

  public void testIdentity() {
    assertEquals(query("cat", 1), query("cat", 1));
    assertEquals(query("cat", 1).hashCode(), query("cat", 1).hashCode());
    assertNotEquals(query("cat", 1), query("cat", 2));
    assertNotEquals(query("cat", 1), query("sat", 1));
    assertThat(query("cat", 2).toString(), containsString("idf^2.0"));
  }

  private interface Check {
    void run(List<Map<String, Float>> documents, IndexReader reader) throws IOException;
  }

  /** Documents with some of the tokens each, the first ones more often than the last. */
  private static void withIndex(Check check) throws IOException {
    List<Map<String, Float>> documents = new ArrayList<>();
    documents.add(Map.of("the", 1f, "rare", 2f));
    for (int i = 1; i < 200; i++) {
      Map<String, Float> weights = new HashMap<>();
      for (int t = 0; t < TOKENS.size(); t++) {
        if (random().nextInt(1 << t) == 0 && random().nextInt(8) > 0) {
          weights.put(TOKENS.get(t), 0.1f + 3 * random().nextFloat());
        }
      }
      documents.add(weights);
    }
    try (Directory directory = newDirectory()) {
      try (var writer = new RandomIndexWriter(random(), directory)) {
        for (int i = 0; i < documents.size(); i++) {
          Document document = new Document();
          document.add(new StoredField("id", Integer.toString(i)));
          documents.get(i).forEach((t, w) -> document.add(new FeatureField("f", t, w)));
          writer.addDocument(document);
        }
        writer.commit();
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        check.run(documents, reader);
      }
    }
  }
}
