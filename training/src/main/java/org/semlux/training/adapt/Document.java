package org.semlux.training.adapt;

/**
 * A text of the corpus that a model is fitted to.
 *
 * @param id what clicks and judgements call it
 * @param title empty where it has none
 */
public record Document(String id, String title, String text) {}
