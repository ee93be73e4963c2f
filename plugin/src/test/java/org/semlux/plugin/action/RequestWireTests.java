package org.semlux.plugin.action;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.plugin.model.ModelFile;
import org.semlux.plugin.model.ModelManifest;
import org.semlux.plugin.model.ModelOptions;
import org.semlux.plugin.model.RandomModels;

/** Requests arrive on another node as they were sent, and say what is wrong with them. */
public class RequestWireTests extends ESTestCase {
  private static final TimeValue TIME = TimeValue.timeValueSeconds(7);

  public void testPutModel() throws IOException {
    ModelManifest manifest = RandomModels.manifest();
    var sent = new PutModelAction.Request(TIME, TIME, "m", manifest);
    var received = copyWriteable(sent, writableRegistry(), PutModelAction.Request::new);
    assertEquals("m", received.id());
    assertEquals(manifest, received.manifest());
    assertEquals(TIME, received.ackTimeout());
  }

  public void testModelRequest() throws IOException {
    var received =
        copyWriteable(new ModelRequest(TIME, TIME, "m"), writableRegistry(), ModelRequest::new);
    assertEquals("m", received.id());
    assertEquals("model [m]", received.getDescription());
  }

  public void testEncode() throws IOException {
    var sent =
        new EncodeAction.Request(
            "m", List.of("a", ""), Optional.of(InputType.QUERY), Optional.of("p"));
    var received = copyWriteable(sent, writableRegistry(), EncodeAction.Request::new);
    assertEquals("m", received.modelId());
    assertEquals(
        new EncodeRequest(
            List.of("a", ""),
            Optional.of(InputType.QUERY),
            Optional.of("p"),
            SparseOptions.defaults(),
            Priority.SEARCH,
            Optional.empty()),
        received.toEncodeRequest());
    assertEquals(Priority.INGEST, encode(1).toEncodeRequest().priority());
  }

  public void testNumberOfTexts() {
    assertNull(encode(1).validate());
    assertNull(encode(EncodeAction.MAX_TEXTS).validate());
    assertThat(encode(0).validate().getMessage(), containsString("not 0"));
    assertThat(
        encode(EncodeAction.MAX_TEXTS + 1).validate().getMessage(), containsString("not 1001"));
  }

  private static EncodeAction.Request encode(int texts) {
    return new EncodeAction.Request(
        "m", Collections.nCopies(texts, "x"), Optional.empty(), Optional.empty());
  }

  public void testPartIsCheckedAfterTheWire() throws IOException {
    // sha256 of the byte "a".
    String hash = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    ModelManifest manifest =
        new ModelManifest(List.of(new ModelFile("f", 3, hash)), 1, ModelOptions.DEFAULT);
    part(2, hash, "a").check(manifest);
    part(0, null, "b").check(manifest);
    assertRefused(manifest, part(3, null, "a"), "[m]", "0 to 2", "[3]");
    assertRefused(manifest, part(-1, null, "a"), "[-1]");
    assertRefused(manifest, part(1, null, "ab"), "part [1]", "must have 1 bytes, it has 2");
    assertRefused(manifest, part(1, hash, "b"), "part [1]", "[3e23e8160039594a", hash);
  }

  private PutPartAction.Request part(int number, String sha256, String data) throws IOException {
    var sent =
        new PutPartAction.Request("m", number, Optional.ofNullable(sha256), new BytesArray(data));
    return copyWriteable(sent, writableRegistry(), PutPartAction.Request::new);
  }

  private static void assertRefused(
      ModelManifest manifest, PutPartAction.Request part, String... named) {
    var e = expectThrows(IllegalArgumentException.class, () -> part.check(manifest));
    for (String name : named) {
      assertThat(e.getMessage(), containsString(name));
    }
  }
}
