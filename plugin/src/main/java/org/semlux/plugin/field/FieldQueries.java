package org.semlux.plugin.field;

import org.semlux.plugin.query.QueryEncodings;

/** What {@code semlux} queries of this node work with; never sent to other nodes. */
record FieldQueries(QueryEncodings encodings, IndexFields indices) {}
