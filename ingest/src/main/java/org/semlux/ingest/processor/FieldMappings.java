package org.semlux.ingest.processor;

import java.util.Optional;

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

  /**
   * The value of {@code dynamic}, {@code false} or {@code strict}, by which an index takes no
   * notice of what is written there; empty where it maps the field, or would.
   *
   * @param index name of an index, alias or data stream, which need not exist yet
   * @param field dotted path
   */
  default Optional<String> unmapped(String index, String field) {
    return Optional.empty();
  }
}
