package org.semlux.plugin;

import static org.hamcrest.Matchers.greaterThan;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.get;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.TransportBulkAction;
import org.elasticsearch.action.delete.DeleteRequest;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.semlux.plugin.action.PutModelAction;

/** A model that is replaced while it is deleted. */
public class ReplacedModelTests extends ESSingleNodeTestCase {
  private static final int PART_SIZE = 10_000;

  /** Puts another manifest in the moment in which a model's parts are deleted. */
  public static final class Replacing extends Plugin implements ActionPlugin {
    private static final AtomicBoolean REPLACES = new AtomicBoolean();
    private Client client;

    @Override
    public Collection<?> createComponents(PluginServices services) {
      client = services.client();
      return List.of();
    }

    @Override
    public Collection<MappedActionFilter> getMappedActionFilters() {
      return List.of(
          new MappedActionFilter() {
            @Override
            public String actionName() {
              return TransportBulkAction.NAME;
            }

            @Override
            public <Q extends ActionRequest, A extends ActionResponse> void apply(
                Task task,
                String action,
                Q request,
                ActionListener<A> listener,
                ActionFilterChain<Q, A> chain) {
              if (request instanceof BulkRequest bulk
                  && bulk.requests().get(0) instanceof DeleteRequest
                  && REPLACES.compareAndSet(true, false)) {
                replace(
                    listener.delegateFailureAndWrap(
                        (l, put) -> chain.proceed(task, action, request, l)));
              } else {
                chain.proceed(task, action, request, listener);
              }
            }
          });
    }

    private void replace(ActionListener<ActionResponse> listener) {
      ActionListener.run(
          listener,
          l ->
              client.execute(
                  PutModelAction.TYPE,
                  new PutModelAction.Request(
                      TIME, TIME, "tiny", new TinyModel(PART_SIZE + 1).manifest()),
                  l.map(put -> put)));
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class, Replacing.class);
  }

  @Override
  protected boolean resetNodeAfterTest() {
    return true;
  }

  public void testUploadBegunDuringADeleteStays() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    long generation = get(client(), "tiny").model().generation();
    Replacing.REPLACES.set(true);
    delete(client(), "tiny");
    assertFalse(Replacing.REPLACES.get());

    assertThat(get(client(), "tiny").model().generation(), greaterThan(generation));
    assertEquals(0, get(client(), "tiny").received().count());
    TinyModel next = new TinyModel(PART_SIZE + 1);
    for (int part = 0; part < next.manifest().parts(); part++) {
      next.putPart(client(), "tiny", part);
    }
    deploy(client(), "tiny");
    assertGolden(client(), "tiny");
    delete(client(), "tiny");
  }
}
