/**
 * How good a model is, in the reference library's own metrics, names and files
 * (sentence-transformers 6.2). Similarities that the reference rounds to float32 are rounded
 * likewise where ties depend on it; all else is in double precision.
 */
package org.semlux.training.evaluate;
