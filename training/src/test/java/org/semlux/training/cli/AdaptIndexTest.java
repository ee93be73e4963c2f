package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code semlux adapt} on an index: fields that its mapping or only its documents have. */
class AdaptIndexTest {
  @TempDir Path folder;

  /** An index that maps body alone and has pages of the same documents without end, or one. */
  private HttpServer index(List<String> documents, AtomicInteger pages, boolean endless)
      throws IOException {
    List<String> hits = new ArrayList<>();
    for (String document : documents) {
      hits.add("{\"_id\":\"%s\",\"sort\":[1],\"_source\":%s}".formatted(hits.size(), document));
    }
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          String answer = "{\"id\":\"pit\"}";
          if (exchange.getRequestURI().getPath().equals("/articles/_field_caps")) {
            answer = "{\"fields\":{\"body\":{\"text\":{}},\"n\":{\"long\":{}}}}";
          } else if (exchange.getRequestURI().getPath().equals("/_search")) {
            boolean some = pages.getAndIncrement() == 0 || endless;
            answer =
                "{\"pit_id\":\"pit\",\"_shards\":{\"failed\":0},\"hits\":{\"hits\":["
                    + (some ? String.join(",", hits) : "")
                    + "]}}";
          }
          byte[] bytes = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }

  private CommandLineRun adaptFrom(HttpServer server, String options) {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    return CommandLineRun.of(
        (Object[])
            ("adapt --from " + url + " --index articles --output " + folder.resolve("adapted"))
                .concat(" --base " + CommandLineRun.golden("dense-mpnet-mean-normalize"))
                .concat(" --held-out 0.25 --learning-rate 0 " + options)
                .split(" "));
  }

  /** Before all of the index has been read. */
  @Test
  void aFieldThatNeitherMappingNorDocumentsHaveIsSaid() throws IOException {
    AtomicInteger pages = new AtomicInteger();
    HttpServer server = index(Collections.nCopies(500, "{\"body\":\"A text.\"}"), pages, true);
    try {
      for (String options : List.of("--field bdoy", "--field body --title-field headline")) {
        pages.set(0);
        CommandLineRun run = adaptFrom(server, options);
        assertThat(run.exitCode()).isEqualTo(1);
        String field = options.substring(options.lastIndexOf(' ') + 1);
        assertThat(run.err())
            .endsWith(
                "semlux: [articles] maps no field ["
                    + field
                    + "] and none of its first 1000 documents has it, it has texts in [body]\n");
        assertThat(pages).hasValue(2);
      }
    } finally {
      server.stop(0);
    }
  }

  /** As with dynamic mappings off: the texts are there, and no search finds them. */
  @Test
  void aFieldThatOnlyDocumentsHaveIsLearntFrom() throws IOException {
    HttpServer server =
        index(Files.readAllLines(AdaptRun.corpus(folder)), new AtomicInteger(), false);
    try {
      CommandLineRun run = adaptFrom(server, "--field text");
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err())
          .contains("[articles] maps no field [text]: looking into its documents")
          .contains("120 of 120 documents")
          .contains(
              "Words are searched for here, with another BM25: [articles] maps no field [text]");
      // How files are read has changed since, which is nothing to an index.
      assertThat(folder.resolve("adapted.work/settings")).content().startsWith("recipe 8 ");
    } finally {
      server.stop(0);
    }
  }
}
