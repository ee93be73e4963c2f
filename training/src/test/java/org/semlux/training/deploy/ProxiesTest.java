package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {
  private static final Retry ONCE = new Retry(1, Duration.ofMillis(1));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://a.example/  | plain",
        "https://a.example/ | secure",
        "https://b.example/ | direct",
        "http://sub.b.example:9200/ | direct",
        "http://xb.example/ | plain",
        "https://c.example:8443/ | direct",
        "https://c.example/ | secure",
        "http://10.0.0.7/   | direct",
        "http://[::1]:9200/ | direct"
      })
  void theAddressDecides(String address, String way) {
    Proxies proxies =
        Proxies.of(
            Map.of(
                "HTTP_PROXY",
                "plain:3128",
                "https_proxy",
                "http://secure:8080",
                "HTTPS_PROXY",
                "http://not-this-one",
                "NO_PROXY",
                "b.example, .d.example,c.example:8443,10.0.0.7 [::1]"));

    Proxy chosen = proxies.select(URI.create(address)).get(0);

    assertThat(
            chosen.equals(Proxy.NO_PROXY)
                ? "direct"
                : ((InetSocketAddress) chosen.address()).getHostString())
        .isEqualTo(way);
  }

  @Test
  void everythingMayBeAskedDirectly() {
    Proxies proxies = Proxies.of(Map.of("http_proxy", "http://p:1", "no_proxy", "*"));
    assertThat(proxies.select(URI.create("http://a.example"))).containsExactly(Proxy.NO_PROXY);
  }

  @Test
  void oneForAllStandsInForWhatIsMissing() {
    Proxies proxies =
        Proxies.of(
            Map.of("ALL_PROXY", "all:1", "HTTPS_PROXY", "secure:2", "NO_PROXY", "b.example"));
    assertThat(host(proxies, "http://a.example")).isEqualTo("all");
    assertThat(host(proxies, "https://a.example")).isEqualTo("secure");
    assertThat(proxies.select(URI.create("http://b.example"))).containsExactly(Proxy.NO_PROXY);
    assertThat(host(Proxies.of(Map.of("all_proxy", "http://all:1")), "https://a.example"))
        .isEqualTo("all");
    assertThatThrownBy(() -> Proxies.of(Map.of("ALL_PROXY", "socks5h://u:secret@p:1")))
        .hasMessageContaining("ALL_PROXY is no address of an HTTP proxy")
        .hasMessageNotContaining("secret");
    Proxies.of(
        Map.of("ALL_PROXY", "socks5://p:1", "HTTP_PROXY", "p:2", "HTTPS_PROXY", "p:2")); // unused
  }

  private static String host(Proxies proxies, String address) {
    return ((InetSocketAddress) proxies.select(URI.create(address)).get(0).address())
        .getHostString();
  }

  @Test
  void whatIsNoProxyIsNamedWithoutItsPassword() {
    assertThatThrownBy(() -> Proxies.of(Map.of("HTTPS_PROXY", "socks5://u:secret@p:1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HTTPS_PROXY is no address of an HTTP proxy")
        .hasMessageNotContaining("secret");
  }

  @Test
  void requestsPassTheProxyThatAsksForAPassword() throws IOException {
    try (ProxyServer proxy = new ProxyServer();
        ClusterServer server = new ClusterServer()) {
      Proxies proxies = Proxies.of(Map.of("HTTP_PROXY", proxy.address("us%40er:pass")));

      assertThatThrownBy(
              () ->
                  cluster(server.url(), Optional.empty(), proxies)
                      .send("GET", "/x", Cluster.Body.NONE))
          .hasMessageContaining("no handler found for uri [/x]"); // which the server says
      assertThat(server.requests()).containsExactly("GET /x");
      assertThat(proxy.requests()).hasSize(1);
      String login = Base64.getEncoder().encodeToString("us@er:pass".getBytes(UTF_8));
      assertThat(proxy.requests().get(0))
          .startsWith("GET " + server.url() + "/x HTTP/1.1")
          .containsIgnoringCase("Proxy-Authorization: Basic " + login);
    }
  }

  private record Sender(Cluster cluster) {
    void send(String method, String path, Cluster.Body body) throws IOException {
      cluster.send(method, path, body, Duration.ofSeconds(10));
    }
  }

  private static Sender cluster(URI url, Optional<String> login, Proxies proxies) {
    return new Sender(new Cluster(url, login, ONCE, proxies, notice -> {}));
  }

  /** In plain HTTP a proxy reads every header. */
  @Test
  void noPasswordGoesToAProxy() throws IOException {
    try (ProxyServer proxy = new ProxyServer()) {
      Proxies proxies = Proxies.of(Map.of("HTTP_PROXY", proxy.address("u:p")));
      URI url = URI.create("http://cluster.invalid:9200");

      assertThatThrownBy(
              () ->
                  cluster(url, Optional.of("ApiKey secret"), proxies)
                      .send("GET", "/x", Cluster.Body.NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("would pass the proxy 127.0.0.1 in plain text")
          .hasMessageNotContaining("secret");
      assertThat(proxy.requests()).isEmpty();
    }
  }

  /** A tunnel's ends encrypt: what the proxy gets is the host and its own password. */
  @Test
  void aTunnelIsAskedForWithoutTheLogin() throws IOException {
    try (ProxyServer proxy = new ProxyServer()) {
      Proxies proxies = Proxies.of(Map.of("https_proxy", proxy.address("u:p")));
      URI url = URI.create("https://cluster.invalid:9200");

      assertThatThrownBy(
              () ->
                  cluster(url, Optional.of("ApiKey secret"), proxies)
                      .send("GET", "/x", Cluster.Body.NONE))
          .isInstanceOf(IOException.class);
      assertThat(proxy.requests()).hasSize(1);
      assertThat(proxy.requests().get(0))
          .startsWith("CONNECT cluster.invalid:9200 HTTP/1.1")
          .containsIgnoringCase("Proxy-Authorization: Basic dTpw")
          .doesNotContain("secret", "ApiKey");
    }
  }
}
