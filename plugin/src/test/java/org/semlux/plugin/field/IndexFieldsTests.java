package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.test.ESTestCase;

public class IndexFieldsTests extends ESTestCase {
  private final IndexFields indices =
      new IndexFields(
          () -> {
            throw new AssertionError("an index's own metadata is asked");
          });

  private IndexMetadata index(String name, String properties) {
    return IndexMetadata.builder(name)
        .settings(indexSettings(IndexVersion.current(), 1, 0))
        .putMapping("{\"_doc\":{\"properties\":{" + properties + "}}}")
        .build();
  }

  private static String field(String name) {
    return "\"" + name + "\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}";
  }

  public void testMappingsOfManyIndicesAreReadOnce() {
    List<IndexMetadata> all = new ArrayList<>();
    List<Map<String, EncodedField>> fields = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      all.add(index("own" + i, field("body" + i)));
      fields.add(indices.of(all.get(i)));
      assertEquals(Set.of("body" + i), fields.get(i).keySet());
    }
    for (int i = 0; i < all.size(); i++) {
      assertSame(fields.get(i), indices.of(all.get(i)));
    }
    assertSame(indices.of(index("a", field("body"))), indices.of(index("b", field("body"))));
  }

  public void testWhatOthersSay() {
    assertEquals(Map.of(), indices.of(index("none", "\"n\":{\"type\":\"long\"}")));
    IndexMetadata aliases =
        index("aliases", field("body") + ",\"aka\":{\"type\":\"alias\",\"path\":\"body\"}");
    assertEquals("body", indices.find(aliases, "aka").path());
    assertNull(indices.find(aliases, "other"));
  }

  /** Elasticsearch gives their fields a second name, where nothing else has it. */
  public void testFieldsOfPassThroughObjects() {
    String object = "\"%s\":{\"type\":\"passthrough\",\"priority\":%s,\"properties\":{%s}}";
    IndexMetadata index =
        index(
            "through",
            String.join(
                ",",
                object.formatted("a", 20, field("x") + "," + field("taken")),
                object.formatted("b", 10, field("x") + "," + field("y.z")),
                "\"taken\":{\"type\":\"keyword\"}"));
    assertEquals("a.x", indices.find(index, "x").path());
    assertEquals("b.y.z", indices.find(index, "y.z").path());
    assertEquals("b.x", indices.find(index, "b.x").path());
    assertNull(indices.find(index, "taken"));
  }
}
