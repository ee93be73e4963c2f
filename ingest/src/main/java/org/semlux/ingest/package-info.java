/** Documents in: cut into passages, encoded, and marked with what they were encoded by. */
package org.semlux.ingest;
