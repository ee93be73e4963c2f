/**
 * The field type {@code semlux_text}: one line in a mapping makes texts searchable by meaning.
 *
 * <p>{@link org.semlux.plugin.field.FieldWrites} encodes texts before a shard's bulk is written and
 * puts what came of them into the source, under {@value
 * org.semlux.plugin.field.StoredChunksMapper#NAME}. {@link
 * org.semlux.plugin.field.StoredChunksMapper} takes it from there into nested documents, one a
 * chunk, made of Elasticsearch's own vector fields; {@code _source} loses it, and gets it back from
 * the index where a document is updated, reindexed or recovered.
 */
package org.semlux.plugin.field;
