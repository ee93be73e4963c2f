package org.semlux.ingest.processor;

/**
 * One text field and where its vector goes.
 *
 * @param inputField dotted path of the text
 * @param outputField dotted path of the vector; what was there is replaced
 */
record InputOutput(String inputField, String outputField) {}
