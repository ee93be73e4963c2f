/**
 * Model folders as sentence-transformers and Hugging Face write them: read, checked and written.
 */
package org.semlux.encoders.folder;
