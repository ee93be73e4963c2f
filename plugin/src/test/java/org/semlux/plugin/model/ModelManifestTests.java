package org.semlux.plugin.model;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.lessThan;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractXContentSerializingTestCase;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.encoders.api.Precision;

public class ModelManifestTests extends AbstractXContentSerializingTestCase<ModelManifest> {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @Override
  protected ModelManifest createTestInstance() {
    return RandomModels.manifest();
  }

  @Override
  protected ModelManifest mutateInstance(ModelManifest manifest) {
    return new ModelManifest(
        manifest.files(),
        manifest.partSize() == 1 ? 2 : manifest.partSize() - 1,
        manifest.options());
  }

  @Override
  protected Writeable.Reader<ModelManifest> instanceReader() {
    return ModelManifest::new;
  }

  @Override
  protected ModelManifest doParseInstance(XContentParser parser) {
    return ModelManifest.parse(parser);
  }

  public void testVersionIsOfTheFilesAlone() {
    String version = manifest(10, file("a", 25), file("b", 6)).version();
    assertTrue(version, version.matches("[0-9a-f]{16}"));
    assertEquals(version, manifest(20, file("b", 6), file("a", 25)).version());
    assertNotEquals(version, manifest(10, file("a", 25), file("c", 6)).version());
    ModelFile other = new ModelFile("b", 6, HASH.replace('0', '1'));
    assertNotEquals(version, manifest(10, file("a", 25), other).version());
  }

  public void testPartsRunOverTheFilesInOrder() {
    ModelManifest manifest = manifest(10, file("a", 25), file("b", 0), file("c", 6));
    assertEquals(31, manifest.size());
    assertEquals(4, manifest.parts());
    assertEquals(10, manifest.partLength(0));
    assertEquals(1, manifest.partLength(3));
    assertEquals(3, manifest(10, file("a", 30)).parts());
    assertEquals(10, manifest(10, file("a", 30)).partLength(2));
  }

  public void testPartsCoverTheFiles() {
    ModelManifest manifest = RandomModels.manifest();
    int total = IntStream.range(0, manifest.parts()).map(manifest::partLength).sum();
    assertEquals(manifest.size(), total);
  }

  public void testPathsThatLeaveTheFolderAreRefused() {
    for (String path :
        List.of(
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "a\\b",
            "a\nb",
            "a\u0000",
            "a\u0085",
            "a\ud800",
            "\udc00b",
            "x".repeat(256),
            "\u4e2d".repeat(86),
            "a/".repeat(600) + "b")) {
      expectThrows(IllegalArgumentException.class, () -> file(path, 1));
    }
    for (String path :
        List.of("model.safetensors", "1_Pooling/config.json", ".hidden", "a..b", "\ud83d\ude00")) {
      assertEquals(path, file(path, 1).path());
    }
  }

  public void testBadFilesAreNamed() {
    assertRefused("[a] twice", () -> manifest(10, file("a", 1), file("a", 2)));
    assertRefused("the folder of [a/b]", () -> manifest(10, file("a/b", 1), file("a", 2)));
    assertRefused("[size] of file [a]", () -> file("a", -1));
    assertRefused("[sha256] of file [a]", () -> new ModelFile("a", 1, HASH.substring(1)));
    assertRefused("[sha256] of file [a]", () -> new ModelFile("a", 1, HASH.replace('a', 'g')));
    assertEquals(HASH, new ModelFile("a", 1, HASH.toUpperCase(Locale.ROOT)).sha256());
  }

  public void testBadSizesAreNamed() {
    assertRefused("[files]", () -> manifest(10));
    assertRefused("[part_size]", () -> manifest(0, file("a", 1)));
    assertRefused("[part_size]", () -> manifest(ModelManifest.MAX_PART_SIZE + 1, file("a", 1)));
    assertRefused("0 parts", () -> manifest(10, file("a", 0)));
    assertRefused("10001 parts", () -> manifest(1, file("a", 10_001)));
    assertRefused(
        "overflow", () -> manifest(10, file("a", Long.MAX_VALUE), file("b", Long.MAX_VALUE)));
  }

  public void testWhatItTakesOfTheClustersStateIsBounded() {
    ModelFile[] most = files(1_000, 51);
    manifest(10, most).requireSmall();
    assertRefused(
        "[files] takes 132000 bytes of the cluster's state, at most 131072 are allowed",
        () -> manifest(10, files(1_000, 52)).requireSmall());
    assertRefused("not 1001", () -> manifest(10, files(1_001, 5)));
  }

  /** Each with a path of so many bytes. */
  private static ModelFile[] files(int count, int bytes) {
    return IntStream.range(0, count)
        .mapToObj(i -> file(String.format(Locale.ROOT, "%0" + bytes + "d", i), 1))
        .toArray(ModelFile[]::new);
  }

  public void testUnknownFieldsAndValuesAreNamed() throws IOException {
    String files = "{\"files\":[{\"path\":\"a\",\"size\":1,\"sha256\":\"" + HASH + "\"}]";
    assertEquals(ModelOptions.DEFAULT, parse(files + "}").options());
    assertEquals(ModelManifest.MAX_PART_SIZE, parse(files + "}").partSize());
    assertEquals(
        new ModelOptions(Precision.FLOAT32, 99),
        parse(files + ",\"options\":{\"precision\":\"float32\",\"max_batch_tokens\":99}}")
            .options());
    assertUnparsed("[pooling]", files + ",\"pooling\":1}");
    assertUnparsed("[temperature]", files + ",\"options\":{\"temperature\":1}}");
    assertUnparsed("float16", files + ",\"options\":{\"precision\":\"float16\"}}");
    assertUnparsed("files", "{}");
    assertUnparsed("sha256", "{\"files\":[{\"path\":\"a\",\"size\":1}]}");
  }

  public void testFormatsThatNoNodeReadsAreNamed() throws IOException {
    String config = named("config.json");
    assertUnparsed(
        "[pytorch_model.bin]", "{\"files\":[" + config + "," + named("pytorch_model.bin") + "]}");
    assertUnparsed(
        "[onnx/model.onnx]", "{\"files\":[" + config + "," + named("onnx/model.onnx") + "]}");
    assertUnparsed(
        "a PEFT adapter [adapter_config.json]",
        "{\"files\":[" + named("adapter_config.json") + "," + named("model.safetensors") + "]}");
    assertUnparsed(
        "a PEFT adapter [adapters/a/adapter_config.json]",
        "{\"files\":[" + named("adapters/a/adapter_config.json") + "," + named("x") + "]}");
    String both = config + "," + named("model.safetensors") + "," + named("model.onnx");
    assertEquals(3, parse("{\"files\":[" + both + "]}").files().size());
  }

  private static String named(String path) {
    return "{\"path\":\"" + path + "\",\"size\":1,\"sha256\":\"" + HASH + "\"}";
  }

  public void testNumbersAreWhole() throws IOException {
    String file = "{\"path\":\"a\",\"size\":%s,\"sha256\":\"" + HASH + "\"}";
    assertEquals(5, parse("{\"files\":[" + file.formatted("\"5\"") + "]}").size());
    for (String size : List.of("1.5", "\"1.5\"", "1e30", "\"x\"", "9".repeat(99), "1e400000000")) {
      assertUnparsed("[size] must be a whole", "{\"files\":[" + file.formatted(size) + "]}");
    }
    String one = "{\"files\":[" + file.formatted(1) + "],";
    assertUnparsed("[part_size] must be a whole", one + "\"part_size\":1.5}");
    assertUnparsed(
        "[max_batch_tokens] must be 0 to", one + "\"options\":{\"max_batch_tokens\":2000000000}}");
    assertUnparsed(
        "[max_batch_tokens] must be a whole",
        one + "\"options\":{\"max_batch_tokens\":3000000000}}");
  }

  public void testLongInputsAreNotRepeated() throws IOException {
    String file = "{\"files\":[{\"path\":\"%s\",\"size\":1,\"sha256\":\"%s\"}]}";
    String much = "x".repeat(1_000_000);
    for (String json : List.of(file.formatted(much, HASH), file.formatted("a", much))) {
      Throwable cause = expectThrows(IllegalArgumentException.class, () -> parse(json));
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      assertThat(cause.getMessage().length(), lessThan(300));
    }
  }

  private void assertUnparsed(String named, String json) {
    Exception e = expectThrows(IllegalArgumentException.class, () -> parse(json));
    StringBuilder messages = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      messages.append(cause.getMessage()).append('\n');
    }
    assertThat(messages.toString(), containsString(named));
  }

  private ModelManifest parse(String json) throws IOException {
    try (XContentParser parser = createParser(XContentType.JSON.xContent(), json)) {
      return ModelManifest.parse(parser);
    }
  }

  private static void assertRefused(String named, ThrowingRunnable action) {
    assertThat(
        expectThrows(IllegalArgumentException.class, action).getMessage(), containsString(named));
  }

  private static ModelFile file(String path, long size) {
    return new ModelFile(path, size, HASH);
  }

  private static ModelManifest manifest(int partSize, ModelFile... files) {
    return new ModelManifest(List.of(files), partSize, ModelOptions.DEFAULT);
  }
}
