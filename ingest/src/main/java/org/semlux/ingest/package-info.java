/**
 * Documents in. What the ingest side needs of a node: {@link org.semlux.ingest.EncoderSource} hands
 * out the encoders that are deployed on it, {@link org.semlux.ingest.EncoderFailures} says what
 * their failures mean to a client.
 */
package org.semlux.ingest;
