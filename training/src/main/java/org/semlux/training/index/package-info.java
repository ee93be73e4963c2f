/**
 * An index as whoever may read it sees it: its documents one after the other, and what its searches
 * find.
 */
package org.semlux.training.index;
