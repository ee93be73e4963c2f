package org.semlux.plugin.model;

import static org.hamcrest.Matchers.containsString;

import java.util.List;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.api.Excerpt;

public class ModelDefinitionTests extends ESTestCase {
  public void testIds() {
    for (String id : List.of("a", "0", "all-minilm-l6-v2", "a.b_c", "x".repeat(100))) {
      ModelDefinition.checkId(id);
    }
    for (String id :
        List.of("", "A", "-a", ".a", "_a", "a b", "a/b", "é", "x".repeat(101), "a\n")) {
      var e = expectThrows(IllegalArgumentException.class, () -> ModelDefinition.checkId(id));
      assertThat(e.getMessage(), containsString("[" + Excerpt.of(id) + "]"));
    }
  }
}
