package org.semlux.plugin;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.model.ClusterModels;

/** A node's own models, which change once, as soon as one is about to be asked. */
public final class MovingModels {
  private MovingModels() {}

  /**
   * Models that change.
   *
   * @param when for the id or alias of the model that is about to be asked
   * @param change done before it is, the first time
   */
  public static EncoderSource of(ClusterModels models, Predicate<Object> when, Runnable change) {
    AtomicBoolean changed = new AtomicBoolean();
    InvocationHandler delegate =
        (proxy, method, arguments) -> {
          boolean asked = method.getName().equals("ready") && when.test(arguments[0]);
          if (asked && !changed.getAndSet(true)) {
            change.run();
          }
          try {
            return method.invoke(models, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (EncoderSource)
        Proxy.newProxyInstance(
            MovingModels.class.getClassLoader(), new Class<?>[] {EncoderSource.class}, delegate);
  }
}
