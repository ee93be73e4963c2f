package org.semlux.training.adapt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;
import org.semlux.training.index.Index;

class CorpusReadingTest {
  /** Longer than what is told every few seconds takes. */
  private static final int SLOW_MILLIS = 5_100;

  private final AtomicInteger pages = new AtomicInteger();
  private boolean severalIndices;

  /** A page of two documents, another that takes long, and the end. */
  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    String answer = "{\"id\":\"pit\",\"fields\":{\"text\":{\"text\":{}}}}";
    if (path.equals("/_search")) {
      int page = pages.incrementAndGet();
      StringBuilder hits = new StringBuilder();
      for (int i = 0; i < 2 && page <= 2; i++) {
        hits.append(i == 0 ? "" : ",")
            .append("{\"_id\":\"%s-%s\",\"sort\":[1],".formatted(severalIndices ? "" : page, i))
            .append("\"_source\":{\"text\":\"Text %s of %s.\"}}".formatted(i, page));
      }
      if (page == 2 && !severalIndices) {
        try {
          Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
      answer = "{\"pit_id\":\"pit\",\"hits\":{\"hits\":[" + hits + "]}}";
    }
    byte[] bytes = answer.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private DocumentSample sample(StringWriter told, Set<String> needed, int most)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      Cluster cluster =
          new Cluster(url, Optional.empty(), Retry.DEFAULT, Proxies.NONE, notice -> {});
      AdaptationPlan.Corpus corpus =
          new AdaptationPlan.Corpus(
              "articles",
              Optional.of(new Index(cluster, "articles")),
              Optional.empty(),
              new Documents("text", Documents.TITLE),
              most);
      return new CorpusReading(corpus, new PrintWriter(told, true)).sample(needed, 1);
    } finally {
      server.stop(0);
    }
  }

  /** A large index takes minutes, in which nobody shall wonder whether it hangs. */
  @Test
  void howFarItIsIsTold() throws IOException {
    StringWriter told = new StringWriter();
    assertThat(sample(told, Set.of(), 100).documents()).hasSize(4);
    assertThat(told.toString())
        .containsPattern("Reading: 3 texts in \\d+\\.\\d s\\RReading: 4 texts in \\d+\\.\\d s\\R")
        .endsWith("4 of 4 documents\n");
  }

  /** An id says nothing there: clicks would be of another document. */
  @Test
  void documentsOfSeveralIndicesWithTheSameIdsAreRefused() {
    severalIndices = true;
    assertThatThrownBy(() -> sample(new StringWriter(), Set.of(), 100))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "[articles]: the id [-0] is there twice, in several indices: give one of them by --index");
    pages.set(0); // one that is asked for is never overlooked
    assertThatThrownBy(() -> sample(new StringWriter(), Set.of("-1"), 1))
        .hasMessageContaining("the id [-1] is there twice");
  }
}
