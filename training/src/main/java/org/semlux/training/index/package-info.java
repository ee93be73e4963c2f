/**
 * An index as its readers see it: its documents one after the other, and what its searches find.
 */
package org.semlux.training.index;
