package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginOptionsTest {
  @Test
  void blanksAroundAKeyAreNoneOfIt() {
    assertThat(LoginOptions.apiKey("KEY", " c2VjcmV0OmtleQ==\r\n"))
        .isEqualTo("ApiKey c2VjcmV0OmtleQ==");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sec\nret", "sec\r\nret: x", "sec ret", "sec\u0000ret", "secr\u00e9t"})
  void aKeyThatIsNoneIsNotPrinted(String key) {
    assertThatThrownBy(() -> LoginOptions.apiKey("KEY", key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the environment variable [KEY] holds a line break, a blank")
        .hasMessageNotContaining("sec");
  }
}
