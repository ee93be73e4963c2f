package org.semlux.training.tune;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;
import org.semlux.training.index.Index;

class RankingsTest {
  /** Nothing is sent: nobody is at the address. */
  @ParameterizedTest
  @ValueSource(strings = {"50.5", "\"many\"", "3000000000", "{}", "null", "[]"})
  void aWindowThatIsNoWholeNumberIsNamed(String window) {
    Cluster nowhere =
        new Cluster(
            URI.create("http://127.0.0.1:1"),
            Optional.empty(),
            Retry.DEFAULT,
            Proxies.NONE,
            notice -> {});
    JsonObject search =
        JsonParser.parseString("{\"retriever\":{\"rrf\":{\"rank_window_size\":" + window + "}}}")
            .getAsJsonObject();
    Rankings rankings = new Rankings(new Index(nowhere, "manuals"), 100);

    assertThatThrownBy(() -> rankings.of(List.of("who plays"), query -> search, done -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "[rank_window_size] of the search's retriever is " + window + ": give a whole number");
  }
}
