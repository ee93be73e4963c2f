package org.semlux.plugin.mapping;

import static org.hamcrest.Matchers.containsString;

import java.util.List;
import java.util.Set;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.test.ESTestCase;

/** What {@code _source} lacks, told by settings and mapping alone. */
public class KeptSourceTests extends ESTestCase {
  private static final String PROPERTIES =
      """
      "title":{"type":"text","copy_to":["all"],"fields":{"raw":{"type":"keyword"}}},
      "all":{"type":"text"},"other":{"type":"alias","path":"title"},
      "by":{"properties":{"name":{"type":"keyword"},"age":{"type":"long"}}},
      "parts":{"type":"nested","properties":{"label":{"type":"keyword"}}},
      "labels":{"type":"flattened"},"place":{"type":"geo_point"},
      "idle":{"type":"keyword","index":false,"doc_values":false},
      "a.b":{"type":"keyword"}\
      """;

  public void testWhatFiltersTake() {
    assertLost("");
    assertLost("\"excludes\":[]");
    assertLost("\"excludes\":[\"absent\",\"idle\",\"title.raw\",\"other\"]");
    assertLost("\"excludes\":[\"title\"]", "title");
    assertLost("\"excludes\":[\"by\"]", "by.age", "by.name");
    assertLost("\"excludes\":[\"*.name\",\"parts.*\"]", "by.name", "labels", "parts.label");
    assertLost("\"excludes\":[\"labels.a.b\"]", "labels");
    assertLost("\"excludes\":[\"*.lat\"]", "labels", "place");
    assertLost("\"excludes\":[\"a.*\"]", "a.b");
    assertLost("\"excludes\":[\"a*\"]", "a.b", "all");
    assertLost("\"includes\":[\"*\"]");
    assertLost(
        "\"includes\":[\"title\",\"by.name\",\"parts\",\"labels.a\"]",
        "a.b",
        "by.age",
        "labels",
        "place");
    assertLost("\"includes\":[\"*\"],\"excludes\":[\"parts.label\"]", "parts.label");
  }

  public void testPathsThatNoMappingHas() {
    KeptSource source = new KeptSource(index(Settings.EMPTY, "\"excludes\":[\"x.y\",\"z\"]"));
    assertEquals(
        Set.of("x.y", "z", "z.a"), source.lost(List.of("x.y", "z", "z.a", "x.z", "text", "x")));
    assertFalse(source.isNested("by.name"));
    assertTrue(source.isNested("parts.vector"));
  }

  public void testModesThatKeepNoneOrAnother() {
    assertRefused(index(Settings.EMPTY, "\"enabled\":false"), "keeps no [_source]");
    assertRefused(index(mode("disabled"), ""), "keeps no [_source]");
    assertRefused(index(mode("synthetic"), ""), "of mode [synthetic]");
    assertRefused(index(Settings.EMPTY, "\"mode\":\"synthetic\""), "of mode [synthetic]");
    assertRefused(
        index(Settings.builder().put("index.mode", "logsdb").build(), ""), "of mode [synthetic]");
    assertTrue(new KeptSource(index(mode("stored"), "\"mode\":\"synthetic\"")).isComplete());
  }

  private static Settings mode(String name) {
    return Settings.builder().put("index.mapping.source.mode", name).build();
  }

  private static void assertRefused(IndexMetadata index, String reason) {
    var refused = expectThrows(IllegalArgumentException.class, () -> new KeptSource(index));
    assertThat(refused.getMessage(), containsString(reason));
  }

  private static void assertLost(String source, String... fields) {
    assertEquals(
        source, Set.of(fields), new KeptSource(index(Settings.EMPTY, source)).lostFields());
  }

  private static IndexMetadata index(Settings settings, String source) {
    return IndexMetadata.builder("i")
        .settings(indexSettings(IndexVersion.current(), 1, 0).put(settings))
        .putMapping("{\"_doc\":{\"_source\":{" + source + "},\"properties\":{" + PROPERTIES + "}}}")
        .build();
  }
}
