package org.semlux.plugin.field;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.bytes.CompositeBytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.test.ESTestCase;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;

/** What a user sent stays as it was, whatever is put beside it and taken away again. */
public class EncodedSourceTests extends ESTestCase {
  private static final List<EncodedText> ENCODED =
      List.of(
          new EncodedText(
              "body", "m@1", "hash", List.of(new EncodedText.Chunk(0, 0, 4, Map.of("a.b", 1.5)))));

  private static final List<String> DOCUMENTS =
      List.of(
          "{\"body\":\"text\",\"version\":1.10,\"amount\":12345678901234567.89,\"far\":1e400}",
          " {\t\"body\" : \"text\" ,\n  \"version\" : 1.10 \r\n , \"a\":\r[1.0,\n2.00]\n}\n",
          "{\"a\":\"} { \\\" , \\\\\",\"b\":{\"_semlux\":{\"c\":[{}, {\"d\":\"]\"}]}},\"e\":\"_semlux\"}\n\n",
          "{}",
          "{ \n }",
          "{\"grüße\":\"日本 \uD83D\uDE00\",\n\"日本\uD83D\uDE00\":\"x\", \"ü\":1.10}",
          "{\"a\":1e3,\"b\":-0.0,\"c\":1E-7,\"d\":123456789012345678901234567890,\"e\":null}",
          "{\"a\":\"\\u00e4\\/\"}",
          "// a { comment\n{ /* \"_semlux\": } */ \"a\":1.10 // and },\n}");

  private static BytesReference bytes(String text) {
    BytesArray all = new BytesArray(text);
    int cut = text.isEmpty() ? 0 : randomIntBetween(0, all.length());
    return randomBoolean()
        ? all
        : CompositeBytesReference.of(all.slice(0, cut), all.slice(cut, all.length() - cut));
  }

  private static Map<String, Object> map(BytesReference source, XContentType type)
      throws IOException {
    try (XContentParser parser =
        XContentHelper.createParserNotCompressed(XContentParserConfiguration.EMPTY, source, type)) {
      return parser.map();
    }
  }

  public void testPlacesThatCannotBeAreRefused() {
    for (List<Integer> place :
        List.of(List.of(-1, 0, 4), List.of(0, -1, 4), List.of(0, 5, 4), List.of(0, 0, -1))) {
      Map<String, Object> chunk =
          Map.of("value", place.get(0), "start", place.get(1), "end", place.get(2), "vector", "AA");
      Map<String, Object> entry =
          Map.of("field", "body", "model", "m 1", "hash", "h", "chunks", List.of(chunk));
      var e = expectThrows(IllegalArgumentException.class, () -> EncodedText.parse(entry));
      assertThat(e.getMessage(), containsString("leave it out of what you send"));
    }
  }

  public void testTheRestOfJsonStaysByteForByte() throws IOException {
    for (String document : DOCUMENTS) {
      BytesReference source = bytes(document);
      assertSame(source, EncodedSource.without(source, XContentType.JSON));
      BytesReference with = EncodedSource.with(source, XContentType.JSON, ENCODED);
      Map<String, Object> expected = map(source, XContentType.JSON);
      Map<String, Object> found = map(with, XContentType.JSON);
      assertEquals(
          ENCODED, ((List<?>) found.remove("_semlux")).stream().map(EncodedText::parse).toList());
      assertEquals(document, expected, found);
      String text = with.utf8ToString();
      int from = text.lastIndexOf("\"_semlux\":[");
      int start = from > 0 && text.charAt(from - 1) == ',' ? from - 1 : from;
      String cut = text.substring(0, start) + text.substring(text.lastIndexOf("]}]") + 3);
      assertEquals(document, cut);
      assertEquals(text, EncodedSource.with(with, XContentType.JSON, ENCODED).utf8ToString());
      if (!document.contains("//")) {
        assertEquals(document, EncodedSource.without(with, XContentType.JSON).utf8ToString());
      }
    }
  }

  public void testAnyMemberMayBeTheOneThatGoes() throws IOException {
    for (Map.Entry<String, String> one :
        Map.of(
                "{\"_semlux\":[{\"a\":\"}\"}], \"b\":1.10}", "{\"b\":1.10}",
                "{\"a\":1.10,\n \"_semlux\":[] , \"b\":2.0 }", "{\"a\":1.10,\n \"b\":2.0 }",
                "{\"a\":1.10\n ,\n \"_semlux\":{\"x\":[]}\n}\n", "{\"a\":1.10\n }\n",
                "{ \"_semlux\":1 }", "{ }",
                "{\"\\u005fsemlux\":[\"_semlux\"],\"b\":1.10}", "{\"b\":1.10}",
                // comments are lost, but no digit
                "{\"a\":1.10, // x,\n \"_semlux\":[]}", "{\"a\":1.10}",
                "{\"n\":[-0.0,1.0E10],\"m\":1e3,\"u\":\"http://x\",\"_semlux\":[]}",
                    "{\"n\":[-0.0,1.0E10],\"m\":1e3,\"u\":\"http://x\"}")
            .entrySet()) {
      BytesReference left = EncodedSource.without(bytes(one.getKey()), XContentType.JSON);
      assertEquals(one.getKey(), one.getValue(), left.utf8ToString());
    }
  }

  public void testAnOddEncodingIsReadAsElasticsearchReadsIt() throws IOException {
    BytesReference source =
        new BytesArray("{\"a\":1.10,\"ü\":\"}\"}".getBytes(StandardCharsets.UTF_16LE));
    BytesReference with = EncodedSource.with(source, XContentType.JSON, ENCODED);
    assertThat(with.utf8ToString(), containsString("{\"a\":1.10,\"ü\":\"}\",\"_semlux\":[{"));
  }

  public void testOtherFormats() throws IOException {
    BytesReference yaml = bytes("---\nversion: 1.10\nbig: [12345678901234567.89, 7]\nb: {c: x}\n");
    String written = EncodedSource.with(yaml, XContentType.YAML, ENCODED).utf8ToString();
    assertThat(written, containsString("version: 1.10\n"));
    assertThat(written, containsString("- 12345678901234567.89\n"));
    for (XContentType type : List.of(XContentType.CBOR, XContentType.SMILE)) {
      try (XContentBuilder builder = XContentBuilder.builder(type.xContent())) {
        builder.startObject().field("float", 1.1f).field("double", 1.1).field("long", 1L << 40);
        builder.startArray("list").value(0.1f).endArray().field("bytes", new byte[] {1, 2});
        BytesReference source = BytesReference.bytes(builder.endObject());
        BytesReference with = EncodedSource.with(source, type, ENCODED);
        BytesReference left = EncodedSource.without(with, type);
        assertEquals(source, left);
      }
    }
  }

  public void testWhatIsNoDocumentIsLeftToElasticsearch() {
    BytesReference source = bytes("{\"a\":1,,\"_semlux\":[]}");
    IndexRequest document = new IndexRequest("i").source(source, XContentType.JSON);
    TextEncoding.removeEncoded(document);
    assertEquals(source, document.source());
  }
}
