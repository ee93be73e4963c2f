/**
 * The Elasticsearch face of Semlux. {@link org.semlux.plugin.SemluxPlugin} wires; {@code model}
 * keeps models in the cluster and loads them on its nodes; {@code action} is what can be asked of a
 * cluster, {@code rest} how it is asked over HTTP. Searches meet models in {@code query}, {@code
 * rescore} and {@code retriever}.
 */
package org.semlux.plugin;
