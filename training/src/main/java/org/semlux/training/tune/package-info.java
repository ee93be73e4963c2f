/**
 * How an index is searched best: rankings of words, vectors and terms, fused in every way that
 * counts and judged by queries with known answers; and two models beside each other.
 */
package org.semlux.training.tune;
