/**
 * From strings to {@link org.semlux.encoders.text.TokenBatch}: tokenizers, pairs of texts, prompts
 * and truncation.
 */
package org.semlux.encoders.text;
