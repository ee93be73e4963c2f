package org.semlux.encoders.network;

import java.util.Map;

/**
 * Buckets of relative positions: what the fragment {@code relative-positions} takes.
 *
 * @param buckets of both sides
 * @param farthest distance that has a bucket of its own size
 */
record RelativePositions(int buckets, int farthest) {
  void addTo(Map<String, Object> constants) {
    int side = buckets / 2;
    int single = side / 2;
    constants.put("side_buckets", side);
    constants.put("single_buckets", single);
    constants.put("log_of_farthest", Math.log((double) farthest / single));
  }
}
