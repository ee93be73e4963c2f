package org.semlux.training.hub;

import java.util.Optional;

/**
 * A file of a repository.
 *
 * @param path from the repository's root, with slashes
 * @param size in bytes, {@link #UNKNOWN} when the hub doesn't tell
 * @param checksum as far as the hub tells
 */
record HubFile(String path, long size, Optional<Checksum> checksum) {
  static final long UNKNOWN = -1;

  /** The path without the name; empty at the root. */
  String folder() {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  boolean isSafetensors() {
    return path.endsWith(".safetensors");
  }
}
