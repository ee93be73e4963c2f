/**
 * Searches: queries whose text this node encodes while they are rewritten. {@link
 * org.semlux.plugin.query.QueryEncodings} encodes and remembers; {@link
 * org.semlux.plugin.query.SemluxSparseQueryBuilder} and {@link
 * org.semlux.plugin.query.SemluxQueryVectorBuilder} are the faces of it.
 */
package org.semlux.plugin.query;
