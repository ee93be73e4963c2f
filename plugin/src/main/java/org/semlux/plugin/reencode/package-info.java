/**
 * Documents of an index through a pipeline once more, those alone that its processors of ours have
 * something to do in: found by a dry run of the pipeline over each document, read and written a
 * batch at a time, as a task.
 */
package org.semlux.plugin.reencode;
