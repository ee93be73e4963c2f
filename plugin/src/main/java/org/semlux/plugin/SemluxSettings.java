package org.semlux.plugin;

import java.util.List;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Setting.Property;
import org.elasticsearch.common.unit.ByteSizeValue;
import org.elasticsearch.common.unit.MemorySizeValue;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.monitor.jvm.JvmInfo;
import org.semlux.plugin.model.ModelMemory;

/**
 * What {@code elasticsearch.yml} may say. Those that are dynamic may be changed at any time by
 * {@code PUT /_cluster/settings}, for all nodes; the others are read once, when the node starts.
 */
public final class SemluxSettings {
  /** Whether this node keeps copies of models and runs them. */
  public static final Setting<Boolean> NODE_ENABLED =
      Setting.boolSetting("semlux.node.enabled", true, Property.NodeScope);

  private static final String THREADS_KEY = "semlux.encode.threads";

  /** Threads that encode, all models together; each computes alone, so cores are what counts. */
  public static final Setting<Integer> ENCODE_THREADS =
      new Setting<>(
          THREADS_KEY,
          settings -> Integer.toString(EsExecutors.allocatedProcessors(settings)),
          value -> Setting.parseInt(value, 1, THREADS_KEY),
          Property.NodeScope);

  private static final String MEMORY_KEY = "semlux.memory.limit";

  private static final String QUEUE_KEY = "semlux.queue.size";

  /**
   * Bytes of text that may wait for one model, a size or a share of the heap. What would not fit is
   * refused with 429. 5% of the heap, at most 64 MB, unless set.
   */
  public static final Setting<ByteSizeValue> QUEUE_SIZE =
      new Setting<>(
          QUEUE_KEY,
          settings -> defaultQueueSize(JvmInfo.jvmInfo().getMem().getHeapMax()).getStringRep(),
          value -> MemorySizeValue.parseBytesSizeValueOrHeapRatio(value, QUEUE_KEY),
          Property.NodeScope);

  /**
   * Memory outside of the heap that this node's models may take together. A model that does not fit
   * is refused. Unless set, that of the machine or the container without the heap and 512 MB.
   */
  public static final Setting<ByteSizeValue> MEMORY_LIMIT =
      new Setting<>(
          MEMORY_KEY,
          settings -> ModelMemory.defaultLimit().getStringRep(),
          value -> ByteSizeValue.parseBytesSizeValue(value, MEMORY_KEY),
          Property.NodeScope,
          Property.Dynamic);

  /**
   * How long a search's text may wait until it is begun with. What would wait longer, by the speed
   * of the last seconds, is refused with 429.
   */
  public static final Setting<TimeValue> SEARCH_MAX_WAIT = maxWait("search", 5);

  /** The same of the passages of a reranking, and of whatever else somebody waits for. */
  public static final Setting<TimeValue> RERANK_MAX_WAIT = maxWait("rerank", 10);

  /** The same of documents on their way into an index. */
  public static final Setting<TimeValue> INGEST_MAX_WAIT = maxWait("ingest", 30);

  /** Requests that take longer to be encoded are logged; -1 for none. */
  public static final Setting<TimeValue> SLOW_LOG_THRESHOLD =
      Setting.timeSetting(
          "semlux.slowlog.threshold",
          TimeValue.MINUS_ONE,
          TimeValue.MINUS_ONE,
          Property.NodeScope,
          Property.Dynamic);

  private SemluxSettings() {}

  private static Setting<TimeValue> maxWait(String lane, int seconds) {
    return Setting.timeSetting(
        "semlux.queue.max_wait." + lane,
        TimeValue.timeValueSeconds(seconds),
        TimeValue.ZERO,
        Property.NodeScope,
        Property.Dynamic);
  }

  static ByteSizeValue defaultQueueSize(ByteSizeValue heap) {
    return ByteSizeValue.ofBytes(Math.min(heap.getBytes() / 20, ByteSizeValue.ofMb(64).getBytes()));
  }

  static List<Setting<?>> all() {
    return List.of(
        NODE_ENABLED,
        ENCODE_THREADS,
        QUEUE_SIZE,
        MEMORY_LIMIT,
        SEARCH_MAX_WAIT,
        RERANK_MAX_WAIT,
        INGEST_MAX_WAIT,
        SLOW_LOG_THRESHOLD);
  }
}
