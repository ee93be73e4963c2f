package org.semlux.plugin.forward;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.core.Releasables;

/**
 * How busy other nodes are, as seen from here: how many requests are under way to each, and how
 * long it took for those that it has answered lately, the way there and back with it. Thread-safe.
 */
final class PeerLoads {
  /** What the newest answer counts for. */
  private static final double NEWEST = 0.2;

  /** A node that was slow for long enough to get nothing any more is tried again after this. */
  private static final long MEMORY_NANOS = 30_000_000_000L;

  /** Above what a byte ever took. */
  private static final double UNTRIED = 1e100;

  /**
   * @param perByte nanoseconds of an answer by bytes asked
   */
  private record Pace(double perByte, long atNanos) {}

  private final LongSupplier nanoTime;
  private final AtomicInteger turn = new AtomicInteger();
  private final Map<String, Integer> underWay = new ConcurrentHashMap<>();
  private final Map<String, Pace> paces = new ConcurrentHashMap<>();

  PeerLoads(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * The node that is likely to answer first: that with the least of requests under way, and one
   * more, by its pace. One of unknown pace gets a single request, before all others; what comes
   * while that is under way goes there last. Of equal ones each in turn.
   *
   * @param nodes at least one
   */
  String nearest(List<String> nodes) {
    int first = Math.floorMod(turn.getAndIncrement(), nodes.size());
    String best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < nodes.size(); i++) {
      String node = nodes.get((first + i) % nodes.size());
      int waiting = underWay.getOrDefault(node, 0);
      OptionalDouble pace = pace(node);
      double time = pace.isEmpty() ? waiting * UNTRIED : (waiting + 1) * pace.getAsDouble();
      if (best == null || time < least) {
        best = node;
        least = time;
      }
    }
    return best;
  }

  private OptionalDouble pace(String node) {
    Pace known = paces.get(node);
    return known == null || nanoTime.getAsLong() - known.atNanos > MEMORY_NANOS
        ? OptionalDouble.empty()
        : OptionalDouble.of(known.perByte);
  }

  /** A request that is under way until it is closed. */
  final class Call implements Releasable {
    private final String node;
    private final long bytes;
    private final long begin = nanoTime.getAsLong();
    private final Releasable counted;

    private Call(String node, long bytes) {
      this.node = node;
      this.bytes = bytes;
      underWay.merge(node, 1, Integer::sum);
      counted =
          Releasables.releaseOnce(
              () -> underWay.computeIfPresent(node, (id, n) -> n == 1 ? null : n - 1));
    }

    /** The node has done its work, or has not in all that time. A refusal says nothing of pace. */
    void tellsPace() {
      long now = nanoTime.getAsLong();
      double newest = (now - begin) / (double) bytes;
      double before = pace(node).orElse(newest);
      paces.put(node, new Pace(before + NEWEST * (newest - before), now));
    }

    @Override
    public void close() {
      counted.close();
    }
  }

  /**
   * Counts a request.
   *
   * @param bytes more than none
   */
  Call begin(String node, long bytes) {
    return new Call(node, bytes);
  }
}
