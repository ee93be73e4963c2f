package org.semlux.encoders.text;

import static java.lang.Integer.MAX_VALUE;

import java.util.Arrays;
import java.util.Optional;

/**
 * The last tokens of a text: those of a part of it that begins at a joint. Where there is none,
 * parts that begin at two places must agree, since a cut may change tokens far behind it. Each part
 * is read in pieces. Not thread-safe.
 */
final class EndReader implements Reading<int[]> {
  private final NativeTokenizer tokenizer;
  private final Joints joints;
  private final int margin;
  private final String text;
  private final int most;

  private long length;
  private Reading<Tokenizer.Placed> part;
  private int from;
  private boolean atJoint;
  private int[] before;
  private int fromBefore = -1;

  /**
   * @param most tokens that come back at most
   */
  EndReader(NativeTokenizer tokenizer, Joints joints, int margin, String text, int most) {
    this.tokenizer = tokenizer;
    this.joints = joints;
    this.margin = margin;
    this.text = text;
    this.most = most;
    long usual = PieceReader.CHARACTERS_PER_TOKEN * (most + (long) margin);
    length = Math.max(usual, PieceReader.LONGEST);
  }

  @Override
  public Optional<int[]> get() {
    if (part == null) {
      begin();
    }
    Optional<Tokenizer.Placed> read = part.get();
    if (read.isEmpty()) {
      return Optional.empty();
    }
    int[] all = read.get().ids();
    int[] ids = Arrays.copyOfRange(all, Math.max(0, all.length - most), all.length);
    boolean enough =
        ids.length == most && (atJoint || (from < fromBefore && Arrays.equals(before, ids)));
    if (from == 0 || enough) {
      return Optional.of(ids);
    }
    before = ids;
    fromBefore = from;
    length *= 4;
    part = null;
    return Optional.empty();
  }

  private void begin() {
    int target = (int) Math.max(0, text.length() - length);
    int joint = joints.last(text, (int) Math.max(0, target - length), target);
    atJoint = joint >= 0;
    from = atJoint ? joint : Runs.cut(text, target - PieceReader.LONGEST, target);
    part = new PieceReader(tokenizer, joints, margin, text.substring(from), MAX_VALUE, false);
  }
}
