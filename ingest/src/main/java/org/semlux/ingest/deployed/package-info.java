/**
 * The models that are deployed, for everybody who asks them: the ingest processor, queries,
 * rescorers, retrievers and the REST actions. {@link org.semlux.ingest.deployed.EncoderSource}
 * hands them out, be they on this node or another ({@link
 * org.semlux.ingest.deployed.DeployedModel}), {@link org.semlux.ingest.deployed.EncoderCalls} asks
 * them without waiting, {@link org.semlux.ingest.deployed.EncoderFailures} says what their failures
 * mean to a client.
 */
package org.semlux.ingest.deployed;
