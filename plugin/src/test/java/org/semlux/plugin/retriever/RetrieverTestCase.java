package org.semlux.plugin.retriever;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverParserContext;
import org.elasticsearch.search.retriever.TestRetrieverBuilder;
import org.elasticsearch.test.AbstractXContentTestCase;
import org.elasticsearch.usage.SearchUsage;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.query.QueryEncodings;

/** Retrievers come out of JSON as they went in, nested ones too, or say what is wrong. */
abstract class RetrieverTestCase<T extends RetrieverBuilder> extends AbstractXContentTestCase<T> {
  static final EncoderSource NONE =
      id -> {
        throw new ElasticsearchStatusException("no model [{}]", RestStatus.NOT_FOUND, id);
      };

  static final TextFields FIELDS = new TextFields(NONE, new QueryEncodings(NONE), () -> null);

  @Override
  protected NamedXContentRegistry xContentRegistry() {
    List<RetrieverSpec<?>> specs = new ArrayList<>(Retrievers.specs(NONE, FIELDS));
    specs.add(TestRetrieverBuilder.TEST_SPEC);
    return new NamedXContentRegistry(
        specs.stream()
            .map(
                spec ->
                    new NamedXContentRegistry.Entry(
                        RetrieverBuilder.class,
                        spec.getName(),
                        (parser, context) ->
                            spec.getParser()
                                .fromXContent(parser, (RetrieverParserContext) context)))
            .toList());
  }

  @Override
  @SuppressWarnings("unchecked")
  protected T doParseInstance(XContentParser parser) throws IOException {
    return (T)
        RetrieverBuilder.parseTopLevelRetrieverBuilder(
            parser, new RetrieverParserContext(new SearchUsage(), feature -> true));
  }

  @Override
  protected boolean supportsUnknownFields() {
    return false;
  }

  final void assertRefused(String json, String message) throws IOException {
    try (XContentParser parser = createParser(JsonXContent.jsonXContent, json)) {
      var failure = expectThrows(Exception.class, () -> doParseInstance(parser));
      Throwable cause = failure;
      while (!String.valueOf(cause.getMessage()).contains(message) && cause.getCause() != null) {
        cause = cause.getCause();
      }
      assertThat(cause.getMessage(), containsString(message));
    }
  }
}
