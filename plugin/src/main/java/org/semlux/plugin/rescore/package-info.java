/**
 * Cross-encoders over a shard's best hits: {@code semlux_cross_encoder} in a search's {@code
 * rescore}. What is asked of a cross-encoder, and how a document's fields become its text, is the
 * same for the {@code semlux_rerank} retriever.
 */
package org.semlux.plugin.rescore;
