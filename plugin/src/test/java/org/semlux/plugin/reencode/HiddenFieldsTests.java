package org.semlux.plugin.reencode;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.support.ActionFilter;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.FieldPredicate;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.TinyModel;

/** What field level security tells a node, by a plugin that hides fields as it does. */
public class HiddenFieldsTests extends ESSingleNodeTestCase {
  /**
   * Hides a field that no mapping has, from actions that read: the roles that let a user read and
   * those that let that user write may be others.
   */
  public static final class Hiding extends Plugin implements MapperPlugin, ActionPlugin {
    private static final ThreadLocal<String> ACTION = ThreadLocal.withInitial(() -> "none");

    @Override
    public Function<String, FieldPredicate> getFieldFilter() {
      return index ->
          index.equals("half") && ACTION.get().startsWith("indices:data/read/")
              ? new Hidden()
              : FieldPredicate.ACCEPT_ALL;
    }

    @Override
    public Collection<ActionFilter> getActionFilters() {
      return List.of(
          new ActionFilter.Simple() {
            @Override
            public int order() {
              return 0;
            }

            @Override
            protected boolean apply(
                String action, ActionRequest request, ActionListener<?> listener) {
              ACTION.set(action);
              return true;
            }
          });
    }
  }

  private record Hidden() implements FieldPredicate {
    @Override
    public boolean test(String field) {
      return !field.equals("plan");
    }

    @Override
    public String modifyHash(String hash) {
      return hash + "hidden";
    }

    @Override
    public long ramBytesUsed() {
      return 0;
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class, Hiding.class);
  }

  @Override
  protected boolean resetNodeAfterTest() {
    return true;
  }

  private static ReencodeRequest request(String index) {
    return new ReencodeRequest(index, null, Float.POSITIVE_INFINITY, 10, false);
  }

  public void testAnIndexOfWhichFieldsAreHiddenIsLeftAlone() throws Exception {
    new TinyModel(20_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    for (String index : List.of("half", "whole")) {
      indicesAdmin()
          .prepareCreate(index)
          .setMapping(
              """
              {"dynamic":false,"properties":{"body":{"type":"semlux_text","model_id":"tiny"}}}""")
          .get();
      client()
          .prepareIndex(index)
          .setId("1")
          .setSource(Map.of("body", "rain", "plan", "kept"))
          .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
          .get();
    }
    indicesAdmin()
        .prepareAliases(TEST_REQUEST_TIMEOUT, TEST_REQUEST_TIMEOUT)
        .addAlias("half", "a")
        .get();
    for (String name : List.of("half", "a")) {
      Exception e =
          expectThrows(
              Exception.class,
              () -> client().execute(ReencodeAction.TYPE, request(name)).actionGet());
      assertEquals(RestStatus.FORBIDDEN, ExceptionsHelper.status(e));
      assertThat(e.getMessage(), containsString("hides fields of index [half] from you"));
    }
    ReencodeResponse response = client().execute(ReencodeAction.TYPE, request("whole")).actionGet();
    assertEquals(1, response.status().checked());
  }
}
