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
  DELETING;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
