package org.semlux.plugin.field;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.TransportShardBulkAction;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.semlux.plugin.FilteredAction;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;

/** What comes behind the encoding of a bulk runs in a callback of a future. */
public class ThrownErrorTests extends SingleNodeTestCase {
  /** Throws an error behind the encoding as often as it is told to. */
  public static final class Throwing extends Plugin implements ActionPlugin {
    private static final AtomicInteger TIMES = new AtomicInteger();

    @Override
    public Collection<MappedActionFilter> getMappedActionFilters() {
      return List.of(
          new FilteredAction(
              TransportShardBulkAction.ACTION_NAME,
              (request, listener, proceed) -> {
                if (TIMES.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                  throw new StackOverflowError("behind the encoding");
                }
                proceed.run();
              }));
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class, Throwing.class);
  }

  public void testABulkIsAnswered() throws Exception {
    new TinyModel(20_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    indicesAdmin()
        .prepareCreate("notes")
        .setMapping("{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}")
        .get();
    CircuitBreaker breaker =
        getInstanceFromNode(CircuitBreakerService.class).getBreaker(CircuitBreaker.REQUEST);
    for (boolean grouped : List.of(false, true)) {
      Throwing.TIMES.set(1);
      var bulk = client().prepareBulk().add(client().prepareIndex("notes").setSource("body", "a"));
      if (grouped) { // one part of the bulk fails, the others do not
        bulk.add(client().prepareIndex("notes").setId("1").setSource("body", "rain"))
            .add(client().prepareUpdate("notes", "1").setDoc("body", "snow"));
      }
      BulkItemResponse[] items = bulk.execute().get(20, TimeUnit.SECONDS).getItems();
      assertTrue(items[0].isFailed());
      assertEquals(RestStatus.INTERNAL_SERVER_ERROR, items[0].status());
      assertThat(items[0].getFailureMessage(), containsString("StackOverflowError"));
      for (int i = 1; i < items.length; i++) {
        assertFalse(items[i].getFailureMessage(), items[i].isFailed());
      }
      assertEquals("nothing is held any more", 0, breaker.getUsed());
    }
    assertFalse(
        client()
            .prepareBulk()
            .add(client().prepareIndex("notes").setSource("body", "rain"))
            .get()
            .hasFailures());
  }
}
