/**
 * Weights and settings out of an ONNX export: what {@code semlux import} reads where a model comes
 * without safetensors.
 */
package org.semlux.training.onnx;
