/**
 * What a node does without a model of its own: {@link org.semlux.plugin.forward.Peers} knows which
 * nodes have loaded it, {@link org.semlux.plugin.forward.ForwardAction} sends them the texts, and
 * {@link org.semlux.plugin.forward.RemoteModel} is such a model to those who ask.
 */
package org.semlux.plugin.forward;
