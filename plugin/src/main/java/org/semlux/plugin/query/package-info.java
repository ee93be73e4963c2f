/** Searches: queries whose text this node encodes while they are rewritten. */
package org.semlux.plugin.query;
