package org.semlux.ingest.processor;

/**
 * A text field and where its encoding goes.
 *
 * @param inputField dotted path of the text; dots may be part of a name
 * @param outputField dotted path of the encoding; what was there is replaced
 */
record InputOutput(String inputField, String outputField, FieldOptions options) {}
