package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The way out that environment variables describe, as curl reads them: {@code https_proxy} for
 * addresses with https, {@code http_proxy} for those with http, {@code all_proxy} where one of
 * these is missing, and {@code no_proxy}, a list of hosts that are asked directly; in lower or in
 * upper case, of which the lower one wins. Without any the JDK's own properties decide. Immutable.
 *
 * {@snippet lang=java :
 * Proxies proxies =
 *     Proxies.of(Map.of("https_proxy", "http://proxy.example:3128", "no_proxy", "localhost"));
 * proxies.through(URI.create("https://example.org")); // " through the proxy proxy.example"
 * proxies.through(URI.create("https://localhost:9200")); // ""
 * }
 */
public final class Proxies extends ProxySelector {
  static {
    // The JDK keeps a proxy's password back from tunnels unless it is told that this is meant.
    if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }
  }

  /** None at all. */
  public static final Proxies NONE = of(Map.of("no_proxy", "*"));

  /** A proxy and the name and password that it asks for. */
  private record Way(InetSocketAddress address, Optional<String> authorization) {}

  private final Optional<Way> http;
  private final Optional<Way> https;
  private final List<String> direct;

  private Proxies(Optional<Way> http, Optional<Way> https, List<String> direct) {
    this.http = http;
    this.https = https;
    this.direct = direct;
  }

  /**
   * Those of an environment.
   *
   * @throws IllegalArgumentException when a variable names no proxy that speaks HTTP
   */
  public static Proxies of(Map<String, String> environment) {
    String list = value(environment, "no_proxy").orElse("").toLowerCase(Locale.ROOT);
    return new Proxies(
        way(environment, "http_proxy").or(() -> way(environment, "all_proxy")),
        way(environment, "https_proxy").or(() -> way(environment, "all_proxy")),
        Stream.of(list.split("[,\\s]+")).filter(entry -> !entry.isEmpty()).toList());
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return Optional.of(environment.getOrDefault(name, environment.getOrDefault(upper, "")).strip())
        .filter(value -> !value.isEmpty());
  }

  private static Optional<Way> way(Map<String, String> environment, String name) {
    return value(environment, name)
        .map(
            value -> {
              try {
                return way(value);
              } catch (IllegalArgumentException e) { // whose message may hold a password
                throw new IllegalArgumentException(
                    name.toUpperCase(Locale.ROOT)
                        + " is no address of an HTTP proxy such as http://proxy.example.org:3128");
              }
            });
  }

  private static Way way(String value) {
    URI address = URI.create(value.contains("://") ? value : "http://" + value);
    if (!"http".equalsIgnoreCase(address.getScheme()) || address.getHost() == null) {
      throw new IllegalArgumentException();
    }
    int port = address.getPort() < 0 ? 80 : address.getPort();
    return new Way(
        InetSocketAddress.createUnresolved(address.getHost(), port),
        Optional.ofNullable(address.getRawUserInfo())
            .map(login -> URLDecoder.decode(login.replace("+", "%2B"), UTF_8))
            .map(login -> "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8))));
  }

  /** Has a client take these ways. */
  public HttpClient.Builder of(HttpClient.Builder client) {
    return http.isEmpty() && https.isEmpty() && direct.isEmpty() ? client : client.proxy(this);
  }

  /**
   * Adds to a request what its proxy asks for, which no other host gets to see.
   *
   * @param secret whether the request holds a token or a password
   * @throws IOException when the proxy would get to see that
   */
  public void prepare(HttpRequest.Builder request, URI address, boolean secret) throws IOException {
    Optional<Way> way = way(address);
    if (way.isEmpty()) {
      return;
    }
    if (secret && !isEncrypted(address)) {
      throw new IOException(
          "the token or password for %s would pass the proxy %s in plain text: use https, or name the host in NO_PROXY"
              .formatted(address.getHost(), way.get().address.getHostString()));
    }
    way.get().authorization.ifPresent(value -> request.header("Proxy-Authorization", value));
  }

  /** For messages: nothing, or {@code " through the proxy HOST"}. */
  public String through(URI address) {
    return way(address).map(way -> " through the proxy " + way.address.getHostString()).orElse("");
  }

  private Optional<Way> way(URI address) {
    Optional<Way> way = isEncrypted(address) ? https : http;
    return way.filter(any -> direct.stream().noneMatch(entry -> matches(entry, address)));
  }

  private static boolean isEncrypted(URI address) {
    return "https".equalsIgnoreCase(address.getScheme());
  }

  /** An entry is {@code *}, or a host or a domain, perhaps with a port. */
  private static boolean matches(String entry, URI address) {
    String host = withoutBrackets(address.getHost().toLowerCase(Locale.ROOT));
    int port = address.getPort() >= 0 ? address.getPort() : isEncrypted(address) ? 443 : 80;
    String name = entry;
    int colon = entry.lastIndexOf(':');
    if (colon > 0 && (entry.indexOf(':') == colon || entry.charAt(colon - 1) == ']')) {
      if (!entry.substring(colon + 1).equals(Integer.toString(port))) {
        return false;
      }
      name = entry.substring(0, colon);
    }
    name = withoutBrackets(name).replaceFirst("^\\*?\\.", "");
    return name.equals("*") || host.equals(name) || host.endsWith("." + name);
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public List<Proxy> select(URI address) {
    return List.of(
        way(address).map(way -> new Proxy(Proxy.Type.HTTP, way.address)).orElse(Proxy.NO_PROXY));
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException e) {
    // The request fails with it.
  }
}
