package org.semlux.plugin;

import java.util.Collection;
import java.util.List;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.test.ESSingleNodeTestCase;

/** Each test has one node with the plugin to itself. */
public abstract class SingleNodeTestCase extends ESSingleNodeTestCase {
  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class);
  }

  @Override
  protected final boolean resetNodeAfterTest() {
    return true;
  }
}
