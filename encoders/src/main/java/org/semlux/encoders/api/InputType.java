package org.semlux.encoders.api;

/**
 * Which side of a search a text stands on. It picks the prompt and, where they differ, the network.
 */
public enum InputType {
  /** What a user asks. */
  QUERY,
  /** What is searched. */
  DOCUMENT
}
