/**
 * A model folder made ready to run: its program compiled, its weights prepared, its texts queued.
 * The facade's kinds of encoders stand on it, and on nothing below it themselves.
 */
package org.semlux.encoders.load;
