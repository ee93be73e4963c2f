package org.semlux.plugin.model;

import java.util.Locale;

/** Where a model stands, in the order of its life; written in lower case. */
public enum ModelState {
  /** Parts of its files are missing. */
  UPLOADING,
  /** Every part is there; nobody has asked for it. */
  UPLOADED,
  /** A node is still fetching or loading it. */
  DEPLOYING,
  /** It can be used: on this node, or on every enabled node. */
  DEPLOYED,
  /** A node could not load it and says why. */
  FAILED,
  /** Its parts are being deleted, or some were: only another upload makes anything of it. */
  DELETING,
  /** A node did not say: it may hang, or leave, or be of a build that cannot be asked. */
  NO_ANSWER; // the last one, as nodes send each other their numbers

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
