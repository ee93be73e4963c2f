/**
 * Retrievers that rank the hits of others, on the node that was asked and without waiting on any of
 * its threads: {@code semlux_rerank} by a cross-encoder, {@code semlux_fusion} by their ranks or
 * scores, {@code semlux_diversify} by what they have that better ones lack.
 */
package org.semlux.plugin.retriever;
