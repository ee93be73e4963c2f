/**
 * A model fitted to texts that nobody has labelled, and the proof whether it searches them better.
 */
package org.semlux.training.adapt;
