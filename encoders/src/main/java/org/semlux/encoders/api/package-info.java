/**
 * What callers say to an encoder and hear from it: requests, answers, kinds, precisions and errors.
 * The bottom floor: it imports nothing of ours.
 */
package org.semlux.encoders.api;
