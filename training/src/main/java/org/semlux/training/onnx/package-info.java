/**
 * Weights and settings out of an ONNX export: what {@code semlux import} reads when a model has no
 * safetensors.
 */
package org.semlux.training.onnx;
