/**
 * The ingest processor {@code semlux}: text fields of a document become vector fields, in the words
 * of Elasticsearch's own inference processor.
 */
package org.semlux.ingest.processor;
