/**
 * Runs the stories of {@code rest-api-spec} against the real node: Elasticsearch's YAML format, as
 * far as our stories use it.
 */
package org.semlux.tests.story;
