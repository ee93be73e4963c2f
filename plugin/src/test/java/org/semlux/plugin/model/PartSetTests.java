package org.semlux.plugin.model;

import java.util.stream.IntStream;
import org.elasticsearch.common.Strings;
import org.elasticsearch.test.ESTestCase;
import org.elasticsearch.xcontent.ToXContentObject;

public class PartSetTests extends ESTestCase {
  public void testRangesHaveBothEnds() {
    PartSet parts = PartSet.of(IntStream.of(9, 0, 1, 2, 11, 10, 5));
    assertEquals("0-2, 5, 9-11", parts.toString());
    assertEquals("{\"p\":[[0,2],[5,5],[9,11]]}", json(parts));
    assertEquals("{\"p\":[]}", json(PartSet.all(0)));
    assertEquals(7, parts.count());
  }

  public void testMissing() {
    PartSet parts = PartSet.of(IntStream.of(0, 1, 3));
    assertEquals("2, 4-5", parts.missingOf(6).toString());
    assertEquals(0, PartSet.all(6).missingOf(6).count());
    assertEquals(PartSet.all(4), PartSet.all(0).missingOf(4));
  }

  private static String json(PartSet parts) {
    ToXContentObject object =
        (builder, params) -> builder.startObject().field("p", parts).endObject();
    return Strings.toString(object);
  }
}
