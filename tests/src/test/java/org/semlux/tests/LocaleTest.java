package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;

/** Programs are compiled from text, whose digits must not be those of the machine's language. */
class LocaleTest {
  private final Locale before = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @TestFactory
  Stream<DynamicTest> everyModelAnswersAsElsewhere() throws IOException {
    List<Path> folders = Goldens.folders("").toList();
    return folders.stream()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    Goldens.label(folder),
                    () -> {
                      Locale.setDefault(Locale.ROOT);
                      Object elsewhere = answers(folder);
                      Locale.setDefault(Locale.forLanguageTag("ar-JO-u-nu-arab"));
                      assertThat(answers(folder)).isEqualTo(elsewhere);
                    }));
  }

  /** Of a text alone, which rounds the same each time. */
  private static Object answers(Path folder) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    List<String> text = List.of("Iris paid 1,234.5 for 12 flutes");
    try (Encoder encoder = Encoder.load(folder, options)) {
      return switch (encoder) {
        case TextEncoder<?> texts -> texts.encode(text);
        case CrossEncoder pairs -> pairs.score("Who paid?", text);
      };
    }
  }
}
