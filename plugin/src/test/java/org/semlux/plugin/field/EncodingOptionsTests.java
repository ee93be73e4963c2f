package org.semlux.plugin.field;

import java.util.Locale;
import java.util.Map;
import org.elasticsearch.test.ESTestCase;

/** Versions that stand in indices already: another value would have all documents encoded again. */
public class EncodingOptionsTests extends ESTestCase {
  public void testVersionsStayWhatTheyAre() {
    EncodingOptions plain = EncodingOptions.parse(null, null);
    EncodingOptions chosen =
        EncodingOptions.parse(
            Map.of("strategy", "sentences", "size", 200, "overlap", 20, "limit", 100),
            Map.of("top_k", 64, "min_ratio", 0.1, "min_weight", 0.25));
    Locale before = Locale.getDefault();
    try {
      for (String locale : new String[] {"en", "ar-JO-u-nu-arab"}) {
        Locale.setDefault(Locale.forLanguageTag(locale));
        assertEquals("518cf62d1fd14b91", plain.version("v1"));
        assertEquals("68666864982d9335", chosen.version("v1"));
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
