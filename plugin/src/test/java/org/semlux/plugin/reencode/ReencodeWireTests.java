package org.semlux.plugin.reencode;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.common.Strings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.test.ESTestCase;

/** What is asked of runs and answered arrives on another node as it was sent. */
public class ReencodeWireTests extends ESTestCase {
  public void testReencode() throws IOException {
    var sent = new ReencodeRequest("i", "p", 2.5f, 7, true);
    var received = copyWriteable(sent, writableRegistry(), ReencodeRequest::new);
    assertArrayEquals(new String[] {"i"}, received.indices());
    assertEquals("p", received.pipeline());
    assertEquals(2.5f, received.documentsPerSecond(), 0);
    assertEquals(7, received.batchSize());
    assertTrue(received.getShouldStoreResult());
    assertNull(received.validate());
    assertEquals("re-encode [i] by pipeline [p]", received.getDescription());

    var answer =
        new ReencodeResponse(
            9,
            new ReencodeStatus(8, 7, 6, 5, 4, 3, 2, 1),
            List.of(new ReencodeFailure("i", "1", 400, "why")));
    var copy = copyWriteable(answer, writableRegistry(), ReencodeResponse::new);
    assertEquals(answer.status(), copy.status());
    assertEquals(answer.failures(), copy.failures());
    assertEquals(
        "{\"took\":9,\"documents\":8,\"checked\":7,\"total\":6,\"updated\":5,\"version_conflicts\":4,\"failed\":3,\"batches\":2,"
            + "\"throttled_millis\":1,\"failures\":"
            + "[{\"index\":\"i\",\"id\":\"1\",\"status\":400,\"reason\":\"why\"}]}",
        Strings.toString(copy));
  }

  public void testReencodeOutOfRange() {
    assertThat(reencode("", 1, 1), containsString("[index] must name one index, not []"));
    assertThat(reencode("_all", 1, 1), containsString("[index] must name one index, not [_all]"));
    assertThat(reencode("a,b", 1, 1), containsString("[index] must name one index, not [a,b]"));
    assertThat(reencode("i", 0, 1), containsString("[requests_per_second] must be above 0"));
    assertThat(reencode("i", Float.NaN, 1), containsString("[requests_per_second]"));
    assertThat(reencode("i", 1, 0), containsString("[batch_size] must be 1 to 1000"));
    assertThat(reencode("i", 1, 1_001), containsString("[batch_size] must be 1 to 1000"));
  }

  private static String reencode(String index, float documentsPerSecond, int batchSize) {
    return new ReencodeRequest(index, "p", documentsPerSecond, batchSize, false)
        .validate()
        .getMessage();
  }

  public void testTask() throws IOException {
    TimeValue time = TimeValue.timeValueSeconds(7);
    var sent = new ReencodeTaskRequest("i", new TaskId("node", 5), true, time);
    var received = copyWriteable(sent, writableRegistry(), ReencodeTaskRequest::new);
    assertArrayEquals(new String[] {"i"}, received.indices());
    assertEquals(new TaskId("node", 5), received.task());
    assertTrue(received.waits());
    assertEquals(time, received.timeout());
    assertNull(received.validate());
    assertNotNull(new ReencodeTaskRequest("*", new TaskId("node", 5), true, time).validate());
  }
}
