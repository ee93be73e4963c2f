/** Architectures and heads: which program fragments a model needs and which weight goes where. */
package org.semlux.encoders.network;
