/**
 * How good a model is, in the reference library's own metrics, names and files
 * (sentence-transformers 6.2). All arithmetic is in double precision.
 */
package org.semlux.training.evaluate;
