/** The queue between callers and compute threads: batches by tokens, bounded, searches first. */
package org.semlux.encoders.batch;
