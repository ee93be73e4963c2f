package org.semlux.plugin.field;

import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.query.QueryEncodings;

/** What {@code semlux} queries of this node work with; never sent to other nodes. */
record FieldQueries(EncoderSource encoders, QueryEncodings encodings, IndexFields indices) {}
