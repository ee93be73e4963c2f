package org.semlux.training.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubOptionsTest {
  @Test
  void theEnvironmentSaysWhereAndWho() {
    HubOptions options =
        HubOptions.of(Map.of("HF_ENDPOINT", "http://mirror:81/hub//", "HF_TOKEN", " hf_x\n"));

    assertThat(options.endpoint()).isEqualTo(URI.create("http://mirror:81/hub"));
    assertThat(options.token()).contains("hf_x");
    assertThat(HubOptions.of(Map.of("HF_ENDPOINT", "")).endpoint().getScheme()).isEqualTo("https");
    assertThat(HubOptions.of(Map.of("HF_TOKEN", "")).token()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mirror", "ftp://mirror", "http:hub", "http://a b", "http://m/?x=1"})
  void otherAddressesAreRefused(String endpoint) {
    assertThatThrownBy(() -> HubOptions.of(Map.of("HF_ENDPOINT", endpoint)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("HF_ENDPOINT [" + endpoint + "] is no address such as https://");
  }

  @Test
  void theTokenIsNotPrinted() {
    assertThatThrownBy(() -> HubOptions.of(Map.of("HF_TOKEN", "hf_a\nhf_b")))
        .hasMessage("HF_TOKEN holds characters that no token has");
  }

  @ParameterizedTest
  @CsvSource({
    "https://hub, https://hub/x, true",
    "https://hub, https://HUB:443/x, true",
    "https://hub, http://hub/x, false",
    "https://hub, https://hub:444/x, false",
    "https://hub, https://cdn.hub/x, false",
    "http://hub:80, http://hub/x, true"
  })
  void theEndpointIsSchemeHostAndPort(String endpoint, URI address, boolean same) {
    assertThat(HubOptions.of(Map.of("HF_ENDPOINT", endpoint)).isEndpoints(address)).isEqualTo(same);
  }
}
