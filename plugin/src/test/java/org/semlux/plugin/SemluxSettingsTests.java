package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;

import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.unit.ByteSizeValue;
import org.elasticsearch.test.ESTestCase;

public class SemluxSettingsTests extends ESTestCase {
  public void testDefaults() {
    assertTrue(SemluxSettings.NODE_ENABLED.get(Settings.EMPTY));
    Settings oneProcessor = Settings.builder().put("node.processors", 1).build();
    assertEquals(1, (int) SemluxSettings.ENCODE_THREADS.get(oneProcessor));
    double heap = Runtime.getRuntime().maxMemory();
    assertEquals(
        Math.min(heap / 20, 64 << 20),
        (double) SemluxSettings.QUEUE_SIZE.get(Settings.EMPTY).getBytes(),
        heap / 1_000);
  }

  public void testQueueIsASmallShareOfTheHeap() {
    assertEquals(
        ByteSizeValue.ofBytes((512L << 20) / 20),
        SemluxSettings.defaultQueueSize(ByteSizeValue.ofMb(512)));
    assertEquals(ByteSizeValue.ofMb(64), SemluxSettings.defaultQueueSize(ByteSizeValue.ofGb(30)));
  }

  public void testSet() {
    Settings settings =
        Settings.builder()
            .put("semlux.node.enabled", false)
            .put("semlux.encode.threads", 3)
            .put("semlux.queue.size", "5mb")
            .build();
    assertFalse(SemluxSettings.NODE_ENABLED.get(settings));
    assertEquals(3, (int) SemluxSettings.ENCODE_THREADS.get(settings));
    assertEquals(ByteSizeValue.ofMb(5), SemluxSettings.QUEUE_SIZE.get(settings));
    Settings none = Settings.builder().put("semlux.encode.threads", 0).build();
    var e =
        expectThrows(IllegalArgumentException.class, () -> SemluxSettings.ENCODE_THREADS.get(none));
    assertThat(e.getMessage(), containsString("semlux.encode.threads"));
  }
}
