package org.semlux.plugin.model;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;

import java.io.IOException;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.ChunkedToXContent;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentFactory;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;

/**
 * A copy of the cluster's metadata beside the models' parts: a snapshot of the feature's state has
 * no more than what stands there.
 *
 * @param index the UUID of the index that it was written in; where it is another one's, the index
 *     has come out of a snapshot
 */
record StoredMetadata(String index, SemluxMetadata metadata) {
  private static final ParseField INDEX = new ParseField("index");
  private static final ParseField METADATA = new ParseField("metadata");
  private static final ConstructingObjectParser<StoredMetadata, Void> PARSER =
      new ConstructingObjectParser<>(
          "stored_metadata",
          true,
          values -> new StoredMetadata((String) values[0], (SemluxMetadata) values[1]));

  static {
    PARSER.declareString(constructorArg(), INDEX);
    PARSER.declareObject(
        constructorArg(), (parser, unused) -> SemluxMetadata.fromXContent(parser), METADATA);
  }

  static StoredMetadata parse(byte[] json) throws IOException {
    try (XContentParser parser =
        XContentType.JSON.xContent().createParser(XContentParserConfiguration.EMPTY, json)) {
      return PARSER.parse(parser, null);
    }
  }

  /** As JSON. */
  BytesReference bytes() throws IOException {
    try (XContentBuilder json = XContentFactory.jsonBuilder()) {
      json.startObject().field(INDEX.getPreferredName(), index);
      json.startObject(METADATA.getPreferredName());
      ChunkedToXContent.wrapAsToXContent(metadata).toXContent(json, ToXContent.EMPTY_PARAMS);
      return BytesReference.bytes(json.endObject().endObject());
    }
  }
}
