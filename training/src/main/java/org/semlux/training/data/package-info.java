/**
 * Data sets as they lie on disk: pairs of sentences with a score (CSV, TSV or JSONL) and plain
 * lines, compressed by gzip or not. Everything is UTF-8; a bad row is reported with file, line and
 * reason. And the files that a command writes, whole or not at all.
 */
package org.semlux.training.data;
