/**
 * Model folders out of what hubs and exports hold: which files there are, and what they leave open.
 */
package org.semlux.training.convert;
