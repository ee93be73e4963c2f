package org.semlux.encoders;

/** Two texts to compare, such as a query and a passage. */
public record TextPair(String first, String second) {}
