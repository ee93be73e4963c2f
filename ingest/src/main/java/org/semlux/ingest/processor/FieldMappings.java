package org.semlux.ingest.processor;

/** What indices make of fields, as far as a processor must know. Threadsafe. */
@FunctionalInterface
public interface FieldMappings {
  /**
   * Whether an object that is written there has each of its names become a field of the index.
   *
   * @param index name of an index, alias or data stream, which need not exist yet
   * @param field dotted path
   */
  boolean explodes(String index, String field);
}
