package org.semlux.plugin;

import static org.elasticsearch.action.DocWriteRequest.OpType.DELETE;
import static org.elasticsearch.action.DocWriteRequest.OpType.INDEX;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.get;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.DocWriteRequest;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.TransportBulkAction;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.action.UpdateAliasAction;

/** A model that is replaced while it is deleted, or either while a part of it is sent. */
public class ReplacedModelTests extends ESSingleNodeTestCase {
  private static final int PART_SIZE = 10_000;

  /**
   * Something else that is asked for.
   *
   * @param when the first change of the store that waits until it is answered
   */
  private record Ask(
      DocWriteRequest.OpType when,
      ActionType<? extends ActionResponse> type,
      ActionRequest request) {}

  /** Asks in the moment in which parts are about to be deleted, or one to be stored. */
  public static final class Asking extends Plugin implements ActionPlugin {
    private static final Queue<Ask> ASKS = new ConcurrentLinkedQueue<>();
    private static final Queue<Exception> REFUSALS = new ConcurrentLinkedQueue<>();
    private Client client;

    @Override
    public Collection<?> createComponents(PluginServices services) {
      client = services.client();
      return List.of();
    }

    @Override
    public Collection<MappedActionFilter> getMappedActionFilters() {
      return List.of(
          new FilteredAction(
              TransportBulkAction.NAME,
              (request, listener, proceed) -> {
                if (request instanceof BulkRequest bulk) {
                  askThen(bulk.requests().get(0).opType(), proceed);
                } else {
                  proceed.run();
                }
              }));
    }

    private void askThen(DocWriteRequest.OpType when, Runnable proceed) {
      Ask next = ASKS.peek();
      if (next == null || next.when != when) {
        proceed.run();
      } else {
        ASKS.remove();
        client.execute(
            next.type,
            next.request,
            ActionListener.runAfter(
                ActionListener.wrap(answer -> {}, REFUSALS::add), () -> askThen(when, proceed)));
      }
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class, Asking.class);
  }

  @Override
  protected boolean resetNodeAfterTest() {
    return true;
  }

  public void testUploadBegunDuringADeleteStays() throws Exception {
    replacedDuringADelete(new TinyModel(PART_SIZE + 1));
  }

  public void testUploadOfTheSameFilesBegunDuringADeleteStays() throws Exception {
    replacedDuringADelete(new TinyModel(PART_SIZE));
  }

  /**
   * And what goes on with the upload that is being deleted is refused, and the aliases go with it.
   */
  private void replacedDuringADelete(TinyModel next) throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    client()
        .execute(
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, "live", Optional.of("tiny")))
        .actionGet();
    long generation = get(client(), "tiny").model().generation();
    ask(DELETE, DeployModelAction.TYPE, new ModelRequest(TIME, TIME, "tiny"));
    ask(
        DELETE,
        PutModelAction.TYPE,
        new PutModelAction.Request(TIME, TIME, "tiny", next.manifest()));
    client()
        .execute(DeleteModelAction.TYPE, new ModelRequest(TIME, TIME, "tiny", true))
        .actionGet();
    assertThat(Asking.ASKS, empty());
    Exception refusal = Asking.REFUSALS.remove();
    assertThat(refusal.getMessage(), containsString("model [tiny] is being deleted"));
    assertEquals(RestStatus.CONFLICT, ExceptionsHelper.status(refusal));
    assertThat(Asking.REFUSALS, empty());

    assertThat(get(client(), "tiny").model().generation(), greaterThan(generation));
    assertEquals(0, get(client(), "tiny").received().count());
    assertEquals(
        "none stands for what was never tried", List.of(), get(client(), "tiny").aliases());
    for (int part = 0; part < next.manifest().parts(); part++) {
      next.putPart(client(), "tiny", part);
    }
    deploy(client(), "tiny");
    assertGolden(client(), "tiny");
    delete(client(), "tiny");
  }

  public void testPartSentWhileTheModelIsDeletedDoesNotStay() throws Exception {
    assertPartDoesNotStay(
        DeleteModelAction.TYPE,
        new ModelRequest(TIME, TIME, "tiny"),
        RestStatus.NOT_FOUND,
        "there is no model [tiny]");
  }

  public void testPartSentWhileTheModelIsReplacedDoesNotStay() throws Exception {
    assertPartDoesNotStay(
        PutModelAction.TYPE,
        new PutModelAction.Request(TIME, TIME, "tiny", new TinyModel(PART_SIZE + 1).manifest()),
        RestStatus.CONFLICT,
        "model [tiny] was replaced while a part of it was being sent");
  }

  private void assertPartDoesNotStay(
      ActionType<? extends ActionResponse> type,
      ActionRequest request,
      RestStatus status,
      String message)
      throws Exception {
    TinyModel model = new TinyModel(PART_SIZE);
    model.putManifest(client(), "tiny");
    model.putPart(client(), "tiny", 0);
    String upload = "tiny/" + get(client(), "tiny").model().generation();
    assertTrue(isStored(upload + "/0"));
    ask(INDEX, type, request);
    Exception refused = expectThrows(Exception.class, () -> model.putPart(client(), "tiny", 1));
    assertThat(Asking.ASKS, empty());
    assertThat(Asking.REFUSALS, empty());
    assertEquals(refused.toString(), status, ExceptionsHelper.status(refused));
    assertThat(refused.getMessage(), containsString(message));
    assertFalse(isStored(upload + "/0"));
    assertFalse(isStored(upload + "/1"));
  }

  private boolean isStored(String part) {
    return client().prepareGet(".semlux-models-1", part).get().isExists();
  }

  private static void ask(
      DocWriteRequest.OpType when,
      ActionType<? extends ActionResponse> type,
      ActionRequest request) {
    Asking.ASKS.add(new Ask(when, type, request));
  }
}
