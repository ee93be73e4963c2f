/**
 * Models in a cluster: what they are ({@link org.semlux.plugin.model.ModelDefinition}, in the
 * cluster's {@link org.semlux.plugin.model.SemluxMetadata}), where their bytes lie ({@link
 * org.semlux.plugin.model.ModelStore}, a system index), and what a node makes of them ({@link
 * org.semlux.plugin.model.NodeModels}: verified copies on disk, encoders in memory).
 */
package org.semlux.plugin.model;
