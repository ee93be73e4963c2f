package org.semlux.plugin.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.elasticsearch.xcontent.ToXContentFragment;
import org.elasticsearch.xcontent.XContentBuilder;

/** A set of part numbers, written as ranges with both ends: {@code [[0,7],[9,9]]}. Immutable. */
public final class PartSet implements ToXContentFragment {
  private final BitSet parts;

  private PartSet(BitSet parts) {
    this.parts = parts;
  }

  public static PartSet of(IntStream numbers) {
    BitSet parts = new BitSet();
    numbers.forEach(parts::set);
    return new PartSet(parts);
  }

  /** Every part from 0 to {@code count - 1}. */
  public static PartSet all(int count) {
    return of(IntStream.range(0, count));
  }

  public int count() {
    return parts.cardinality();
  }

  /** Those from 0 to {@code expected - 1} that are not in this set. */
  public PartSet missingOf(int expected) {
    BitSet missing = new BitSet(expected);
    missing.set(0, expected);
    missing.andNot(parts);
    return new PartSet(missing);
  }

  /** First and last number of each unbroken run, in ascending order. */
  private List<int[]> ranges() {
    List<int[]> ranges = new ArrayList<>();
    for (int first = parts.nextSetBit(0); first >= 0; ) {
      int end = parts.nextClearBit(first);
      ranges.add(new int[] {first, end - 1});
      first = parts.nextSetBit(end);
    }
    return ranges;
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startArray();
    for (int[] range : ranges()) {
      builder.startArray().value(range[0]).value(range[1]).endArray();
    }
    return builder.endArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PartSet that && parts.equals(that.parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }

  /** For messages: {@code 0-7, 9}. */
  @Override
  public String toString() {
    return ranges().stream()
        .map(range -> range[0] == range[1] ? "" + range[0] : range[0] + "-" + range[1])
        .collect(Collectors.joining(", "));
  }
}
