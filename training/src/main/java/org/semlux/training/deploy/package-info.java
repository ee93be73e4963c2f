/**
 * A model folder on its way into a cluster: what belongs to it, in which parts it travels, and the
 * requests of the plugin's REST API. Only the JDK's own HTTP client is used.
 */
package org.semlux.training.deploy;
