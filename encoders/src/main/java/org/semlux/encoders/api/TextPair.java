package org.semlux.encoders.api;

/** Two texts to compare, such as a query and a passage. */
public record TextPair(String first, String second) {}
