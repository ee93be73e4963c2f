/**
 * TorchScript programs: text resources put together for a model, compiled in memory and run by
 * PyTorch. The only package that touches native memory.
 */
package org.semlux.encoders.program;
