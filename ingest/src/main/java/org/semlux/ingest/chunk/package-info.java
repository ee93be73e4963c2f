/**
 * Long texts into passages: {@link org.semlux.ingest.chunk.Chunker} finds where to cut, by a
 * model's tokens, by sentences or by words.
 */
package org.semlux.ingest.chunk;
