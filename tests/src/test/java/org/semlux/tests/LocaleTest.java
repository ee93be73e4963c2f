package org.semlux.tests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.load.EncoderOptions;

/** Programs are compiled from text, whose digits must not be those of the machine's language. */
class LocaleTest {
  private final Locale before = Locale.getDefault();

  @BeforeEach
  void writeArabicDigits() {
    Locale.setDefault(Locale.forLanguageTag("ar-JO-u-nu-arab"));
  }

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @TestFactory
  Stream<DynamicTest> everyModelLoads() throws IOException {
    List<Path> folders = Goldens.folders("").toList();
    return folders.stream()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    Goldens.label(folder),
                    () -> Encoder.load(folder, EncoderOptions.defaults()).close()));
  }
}
