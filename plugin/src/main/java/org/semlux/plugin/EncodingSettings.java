package org.semlux.plugin;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.batch.BatchRequest;
import org.semlux.encoders.batch.RequestLog;

/**
 * The settings of encoding that may change while the node runs, as they stand now: how long texts
 * may wait, and from when on a request counts as slow. Thread-safe.
 */
final class EncodingSettings implements RequestLog {
  private static final Logger SLOW = LogManager.getLogger("org.semlux.slowlog");

  private static final Map<Priority, Setting<TimeValue>> MAX_WAIT =
      new EnumMap<>(
          Map.of(
              Priority.SEARCH, SemluxSettings.SEARCH_MAX_WAIT,
              Priority.RERANK, SemluxSettings.RERANK_MAX_WAIT,
              Priority.INGEST, SemluxSettings.INGEST_MAX_WAIT));

  private final Map<Priority, Duration> maxWait = new ConcurrentHashMap<>();
  private volatile TimeValue slow = TimeValue.MINUS_ONE;

  EncodingSettings(ClusterSettings settings) {
    MAX_WAIT.forEach(
        (priority, setting) ->
            settings.initializeAndWatch(
                setting, wait -> maxWait.put(priority, Duration.ofNanos(wait.nanos()))));
    settings.initializeAndWatch(SemluxSettings.SLOW_LOG_THRESHOLD, time -> slow = time);
  }

  Duration maxWait(Priority priority) {
    return maxWait.get(priority);
  }

  @Override
  public void finished(String model, BatchRequest<?, ?> request, long nanos) {
    TimeValue threshold = slow;
    if (threshold.nanos() >= 0 && nanos >= threshold.nanos()) {
      SLOW.warn(
          "model [{}] took {} for a request of priority [{}], texts [{}], bytes [{}]",
          model,
          TimeValue.timeValueNanos(nanos),
          request.priority(),
          request.inputs().size(),
          request.bytes());
    }
  }
}
