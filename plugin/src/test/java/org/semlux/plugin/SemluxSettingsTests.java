package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.logging.log4j.Level;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.unit.ByteSizeValue;
import org.elasticsearch.core.PathUtils;
import org.elasticsearch.test.ESTestCase;
import org.elasticsearch.test.MockLog;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.batch.BatchRequest;

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

  /** The reference page has a row for each: kind, unit, default. */
  public void testReferencePage() throws Exception {
    String page = Files.readString(PathUtils.get("..", "docs", "reference.md"));
    Map<String, String[]> rows =
        page.substring(page.indexOf("\n## Settings"), page.indexOf("\n## Processor"))
            .lines()
            .filter(line -> line.startsWith("| `"))
            .collect(Collectors.toMap(line -> line.split("`")[1], line -> line.split(" \\| ")));
    for (Setting<?> setting : SemluxSettings.all()) {
      String[] cells = rows.get(setting.getKey());
      assertNotNull("docs/reference.md lacks " + setting.getKey(), cells);
      assertEquals(setting.getKey(), setting.isDynamic() ? "dynamic" : "static", cells[1]);
      if (cells[2].equals("time") || cells[2].equals("true, false")) {
        assertEquals(setting.getKey(), setting.getDefaultRaw(Settings.EMPTY), cells[3]);
      }
    }
    assertEquals(SemluxSettings.all().size(), rows.size());
    Set<String> ofPools =
        EncodePool.builders(Settings.EMPTY).stream()
            .flatMap(pool -> pool.getRegisteredSettings().stream())
            .map(Setting::getKey)
            .collect(Collectors.toSet());
    assertEquals(
        ofPools,
        Pattern.compile("`(thread_pool[^`]+)`")
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet()));
  }

  public void testWaitsAndThresholdChangeWhileTheNodeRuns() {
    ClusterSettings settings =
        new ClusterSettings(Settings.EMPTY, Set.copyOf(SemluxSettings.all()));
    EncodingSettings encoding = new EncodingSettings(settings);
    assertEquals(Duration.ofSeconds(5), encoding.maxWait(Priority.SEARCH));
    assertEquals(Duration.ofSeconds(10), encoding.maxWait(Priority.RERANK));
    assertEquals(Duration.ofSeconds(30), encoding.maxWait(Priority.INGEST));
    settings.applySettings(Settings.builder().put("semlux.queue.max_wait.ingest", "2m").build());
    assertEquals(Duration.ofMinutes(2), encoding.maxWait(Priority.INGEST));
    assertEquals(Duration.ofSeconds(5), encoding.maxWait(Priority.SEARCH));
  }

  public void testSlowRequestsAreLogged() {
    ClusterSettings settings =
        new ClusterSettings(Settings.EMPTY, Set.copyOf(SemluxSettings.all()));
    EncodingSettings encoding = new EncodingSettings(settings);
    BatchRequest<Integer, Integer> request =
        new BatchRequest<>(
            List.of(Optional::empty, Optional::empty),
            77,
            Priority.RERANK,
            Optional.empty(),
            (text, number) -> number,
            Integer::max);
    var slow =
        new MockLog.SeenEventExpectation(
            "slow",
            "org.semlux.slowlog",
            Level.WARN,
            "model [m] took 250ms for a request of priority [RERANK], texts [2], bytes [77]");
    var none = new MockLog.UnseenEventExpectation("none", "org.semlux.slowlog", Level.WARN, "*");
    MockLog.assertThatLogger(
        () -> encoding.finished("m", request, 250_000_000), "org.semlux.slowlog", none);
    settings.applySettings(Settings.builder().put("semlux.slowlog.threshold", "200ms").build());
    MockLog.assertThatLogger(
        () -> encoding.finished("m", request, 250_000_000), "org.semlux.slowlog", slow);
    MockLog.assertThatLogger(
        () -> encoding.finished("m", request, 150_000_000), "org.semlux.slowlog", none);
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
