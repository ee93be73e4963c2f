package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequirementTest {
  private static JsonObject report(double difference, double low) {
    String one =
        "{'name':'%s','queries':30,'metrics':{'ndcg@10':{'base':.5,'adapted':%s,'difference':%s,'low':%s,'high':.9}}}";
    String held = one.formatted("held-out", .9, .4, .3);
    String judged = one.formatted("judged", .5 + difference, difference, low);
    return JsonParser.parseString("{'judged':[%s,%s]}".formatted(held, judged)).getAsJsonObject();
  }

  /**
   * The last set of queries counts. A gain needs an interval above 0, a loss one above the loss.
   */
  @ParameterizedTest
  @CsvSource({
    "ndcg@10 >= base + .01, .02, .001, true",
    "ndcg@10>=base+0.01, .02, .001, true",
    "ndcg@10 >= base + .01, .009, .001, false",
    "ndcg@10 >= base + .01, .02, -.001, false",
    "ndcg@10 >= base, .001, .0005, true",
    "ndcg@10 >= base, .001, 0, false",
    "ndcg@10 >= base - .01, -.002, -.008, true",
    "ndcg@10 >= base - .01, .004, -.02, false"
  })
  void meanAndInterval(String text, double difference, double low, boolean met) throws IOException {
    Requirement requirement = Requirement.of(text);
    if (met) {
      assertThat(requirement.check(report(difference, low))).contains("30 judged queries");
    } else {
      assertThatThrownBy(() -> requirement.check(report(difference, low)))
          .hasMessageStartingWith("what --require asks for is not so: ndcg@10 0.5");
    }
  }

  /** One query that gets better has an interval without width. */
  @ParameterizedTest
  @CsvSource({"ndcg@10 >= base, 1", "ndcg@10 >= base + .01, 19", "ndcg@10 >= base - .9, 1"})
  void tooFewQueriesTellNothing(String text, int queries) {
    JsonObject report = report(.3, .3);
    JsonObject last = report.getAsJsonArray("judged").get(1).getAsJsonObject();
    last.addProperty("queries", queries);
    assertThatThrownBy(() -> Requirement.of(text).check(report))
        .hasMessageStartingWith("what --require asks for cannot be told from fewer than 20");
    last.remove("queries");
    assertThatThrownBy(() -> Requirement.of(text).check(report))
        .hasMessageStartingWith("what --require asks for cannot be told from fewer than 20");
  }

  /** Whatever is allowed to be lost: who compares with nothing learns nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"ndcg@10 >= base - .01", "ndcg@10 >= base + .01"})
  void aBaseThatFindsNothingIsNoMeasure(String text) {
    JsonObject report = report(.02, .01);
    JsonObject last = report.getAsJsonArray("judged").get(1).getAsJsonObject();
    last.getAsJsonObject("metrics").getAsJsonObject("ndcg@10").addProperty("base", 0.0);
    assertThatThrownBy(() -> Requirement.of(text).check(report))
        .hasMessageStartingWith("the base finds no answer at all");
  }

  @Test
  void whatIsNoRequirementOrNoReport() {
    assertThatThrownBy(() -> Requirement.of("ndcg@10 > .5"))
        .hasMessageContaining("is not of the form \"ndcg@10 >= base + .01\"");
    assertThatThrownBy(() -> Requirement.of("map >= base").check(report(.1, .1)))
        .hasMessage("the report has no [map], but [ndcg@10]");
    assertThatThrownBy(() -> Requirement.of("map >= base").check(new JsonObject()))
        .hasMessageContaining("judges nothing");
  }
}
