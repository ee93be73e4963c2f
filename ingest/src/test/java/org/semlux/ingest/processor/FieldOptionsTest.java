package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.ingest.chunk.Chunking;

/** Versions that stand in indices already: another value would have all documents encoded again. */
class FieldOptionsTest {
  private final Locale before = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @Test
  void versionsStayWhatTheyAre() {
    FieldOptions plain =
        new FieldOptions("m", InputType.DOCUMENT, SparseOptions.defaults(), Optional.empty());
    FieldOptions chosen =
        new FieldOptions(
            "m",
            InputType.QUERY,
            SparseOptions.defaults()
                .withSpecialTokens(SpecialTokens.DROP)
                .withPruning(Pruning.none().withMaxTerms(64).withMinRatio(.1).withMinWeight(.25)),
            Optional.of(new Chunking(Chunking.Strategy.SENTENCES, 200, 20, 100)));
    for (String locale : new String[] {"en", "ar-JO-u-nu-arab"}) {
      Locale.setDefault(Locale.forLanguageTag(locale));
      assertThat(plain.version("v1")).isEqualTo("2c9adafb2f787b55");
      assertThat(chosen.version("v1")).isEqualTo("0fd1f8f9fa4cf2ea");
    }
  }
}
