/**
 * From strings to {@link org.semlux.encoders.text.TokenBatch}: tokenizers, pairs, prompts,
 * truncation.
 */
package org.semlux.encoders.text;
