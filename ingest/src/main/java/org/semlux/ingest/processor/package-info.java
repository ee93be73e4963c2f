/**
 * The ingest processor {@code semlux}: text fields of a document become vectors, term weights or
 * passages with either, in the words of Elasticsearch's own inference processor. A document is read
 * ({@code FieldReader}: where its texts are, which of them are new), its texts are handed over
 * ({@code EncodingRequest}, one a model), and when all answers are there it is written.
 */
package org.semlux.ingest.processor;
