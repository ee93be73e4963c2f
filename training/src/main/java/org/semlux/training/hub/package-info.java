/**
 * Models from a hub that speaks as Hugging Face's does: which files a repository holds, which of
 * them a model needs, and their way into a folder, in which a broken download goes on where it
 * stopped. Only the JDK's own HTTP client is used.
 */
package org.semlux.training.hub;
