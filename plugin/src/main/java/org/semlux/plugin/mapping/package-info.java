/**
 * What the cluster's metadata says of an index's fields, without a shard: which of them {@code
 * _source} lacks, and which take term weights.
 */
package org.semlux.plugin.mapping;
