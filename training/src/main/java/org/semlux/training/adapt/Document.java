package org.semlux.training.adapt;

/**
 * A text of the corpus that a model is fitted to.
 *
 * @param title empty where it has none
 */
public record Document(String title, String text) {}
