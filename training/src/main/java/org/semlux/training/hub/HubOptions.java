package org.semlux.training.hub;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;

/**
 * How to reach a hub.
 *
 * {@snippet lang=java :
 * HubOptions options = HubOptions.of(System.getenv()); // HF_ENDPOINT, HF_TOKEN, https_proxy …
 * }
 *
 * @param endpoint its address, without a slash at the end; a path is kept
 * @param token says who asks; sent to the endpoint alone, never to where it redirects
 * @param retry for lost connections and busy servers
 * @param patience how long nothing may come before a connection counts as lost
 * @param proxies the way there
 */
public record HubOptions(
    URI endpoint, Optional<String> token, Retry retry, Duration patience, Proxies proxies) {
  private static final String PUBLIC_HUB = "https://huggingface.co";
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  /** Seven attempts over some 45 seconds, each of a minute's silence at most. */
  public HubOptions(URI endpoint, Optional<String> token, Proxies proxies) {
    this(endpoint, token, Retry.DEFAULT, Duration.ofSeconds(60), proxies);
  }

  /**
   * The options that environment variables give: {@code HF_ENDPOINT}, by default the public hub,
   * {@code HF_TOKEN}, and those of {@link Proxies}.
   *
   * @throws IllegalArgumentException when one of them cannot be right
   */
  public static HubOptions of(Map<String, String> environment) {
    String endpoint = environment.getOrDefault("HF_ENDPOINT", "").strip().replaceFirst("/+$", "");
    String token = environment.getOrDefault("HF_TOKEN", "").strip();
    // The token itself is not for messages.
    if (!token.isEmpty() && !TOKEN.matcher(token).matches()) {
      throw new IllegalArgumentException("HF_TOKEN holds characters that no token has");
    }
    return new HubOptions(
        address(endpoint.isEmpty() ? PUBLIC_HUB : endpoint),
        token.isEmpty() ? Optional.empty() : Optional.of(token),
        Proxies.of(environment));
  }

  private static URI address(String endpoint) {
    if (endpoint.contains("@")) { // not for messages: a password may stand there
      throw new IllegalArgumentException("HF_ENDPOINT holds a login: give a token by HF_TOKEN");
    }
    try {
      URI address = URI.create(endpoint);
      boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
      if (http && address.getHost() != null && address.getQuery() == null) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Said below, as for addresses of another kind.
    }
    throw new IllegalArgumentException(
        "HF_ENDPOINT [" + endpoint + "] is no address such as " + PUBLIC_HUB);
  }

  /** Whether an address lies with the endpoint: same scheme, host and port. */
  boolean isEndpoints(URI address) {
    return endpoint.getScheme().equalsIgnoreCase(address.getScheme())
        && endpoint.getHost().equalsIgnoreCase(address.getHost())
        && port(endpoint) == port(address);
  }

  private static int port(URI address) {
    boolean encrypted = "https".equalsIgnoreCase(address.getScheme());
    return address.getPort() >= 0 ? address.getPort() : encrypted ? 443 : 80;
  }
}
