package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that a cluster gave, over real HTTP on the loopback interface. */
class ModelsCommandTest {
  private static final String MODELS =
      """
      {"models":[
       {"id":"minilm","aliases":["live","next"],"kind":"dense","state":"failed","dimensions":384,
        "max_tokens":256,"size_in_bytes":90986126,"created_at_millis":1795888446645,
        "options":{"precision":"auto"},"parts":{"expected":22,"received":[[0,21]]},
        "nodes":{
         "a1":{"name":"one","state":"deployed","precision":"bfloat16","precision_reason":"asked for",
               "memory_in_bytes":68986368},
         "b2":{"name":"two","state":"failed","reason":"it needs 200mb of memory"}}},
       {"id":"new","aliases":[],"state":"uploading","size_in_bytes":4000000,
        "created_at_millis":1795888446645,"options":{"precision":"auto"},
        "parts":{"expected":2,"received":[[0,0]]},"nodes":{}}]}""";

  @TempDir Path folder;

  private static <S extends HttpServer> S answering(S server) {
    server.createContext(
        "/",
        exchange -> {
          boolean all = exchange.getRequestURI().getPath().equals("/_semlux/models");
          byte[] answer =
              (all ? MODELS : "{\"error\":{\"reason\":\"no model [absent]\"},\"status\":404}")
                  .getBytes(UTF_8);
          exchange.sendResponseHeaders(all ? 200 : 404, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Test
  void aLineAModelAndOneForEachNodeThatLacksIt() throws Exception {
    HttpServer server = answering(HttpServer.create(loopback(), 0));
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      CommandLineRun run = CommandLineRun.of("models", "--at", url);
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out())
          .isEqualTo(
              """
              ID      ALIASES    KIND   STATE      SIZE     NODES  PRECISION  MEMORY
              minilm  live,next  dense  failed     91.0 MB  1/2    bfloat16   69.0 MB
                two: failed: it needs 200mb of memory
              new     -          -      uploading  4.0 MB   0/0    -          -
              """);
      CommandLineRun absent = CommandLineRun.of("models", "--at", url, "absent");
      assertThat(absent.exitCode()).isEqualTo(1);
      assertThat(absent.err()).startsWith("semlux: no model [absent] (404 to GET ");
      assertThat(CommandLineRun.of("models", "--at", url, "No Model").err())
          .startsWith("semlux: ID [No Model] does not match");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aCertificateOfOnesOwnIsTrustedWhereItIsNamed() throws Exception {
    Path keys = folder.resolve("keys.p12");
    Path certificate = folder.resolve("ca.crt");
    String name = "CN=localhost";
    String alternatives = "san=dns:localhost,ip:127.0.0.1";
    keytool(
        "-genkeypair",
        "-alias",
        "n",
        "-keyalg",
        "EC",
        "-dname",
        name,
        "-ext",
        alternatives,
        "-keystore",
        keys);
    keytool("-exportcert", "-rfc", "-alias", "n", "-keystore", keys, "-file", certificate);
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity(keys)));
    answering(server);
    try {
      String url = "https://127.0.0.1:" + server.getAddress().getPort();
      CommandLineRun trusting = CommandLineRun.of("models", "--at", url, "--ca-cert", certificate);
      assertThat(trusting.exitCode()).as(trusting.err()).isZero();
      assertThat(trusting.out()).contains("minilm  live,next");
      CommandLineRun plain = CommandLineRun.of("models", "--at", url);
      assertThat(plain.exitCode()).isEqualTo(1);
      assertThat(plain.err()).contains("cannot reach " + url).doesNotContain("trying again");
      Path none = Files.writeString(folder.resolve("none.crt"), "no certificate");
      assertThat(CommandLineRun.of("models", "--at", url, "--ca-cert", none).err())
          .contains("holds no certificate");
    } finally {
      server.stop(0);
    }
  }

  private static void keytool(Object... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    for (Object option : options) {
      command.add(option.toString());
    }
    command.addAll(List.of("-storepass", "secret", "-storetype", "PKCS12"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private static SSLContext identity(Path keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(keys)) {
      store.load(file, "secret".toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
