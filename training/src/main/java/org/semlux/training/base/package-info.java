/** What training starts from: a whole model folder, made of a base of any kind. */
package org.semlux.training.base;
