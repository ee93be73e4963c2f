package org.semlux.plugin;

import java.util.List;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Setting.Property;
import org.elasticsearch.common.unit.ByteSizeValue;
import org.elasticsearch.common.unit.MemorySizeValue;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.monitor.jvm.JvmInfo;

/** What {@code elasticsearch.yml} may say. All settings are read once, when the node starts. */
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

  private SemluxSettings() {}

  static ByteSizeValue defaultQueueSize(ByteSizeValue heap) {
    return ByteSizeValue.ofBytes(Math.min(heap.getBytes() / 20, ByteSizeValue.ofMb(64).getBytes()));
  }

  static List<Setting<?>> all() {
    return List.of(NODE_ENABLED, ENCODE_THREADS, QUEUE_SIZE);
  }
}
