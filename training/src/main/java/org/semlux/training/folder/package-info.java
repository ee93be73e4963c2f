/**
 * Model folders as they are written: the files that sentence-transformers puts around a network,
 * safetensors, and a folder that appears whole or not at all.
 */
package org.semlux.training.folder;
