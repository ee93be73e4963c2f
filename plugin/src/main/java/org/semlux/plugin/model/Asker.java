package org.semlux.plugin.model;

import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.tasks.Task;
import org.semlux.encoders.api.Excerpt;

/**
 * Who asks for a change: the user, where Elasticsearch's security is on, and the {@code
 * X-Opaque-Id} that a client sent.
 */
final class Asker {
  private static final Logger LOGGER = LogManager.getLogger(Asker.class);

  /** Where the security module keeps its {@code Authentication}, a class that plugins lack. */
  private static final String AUTHENTICATION = "_xpack_security_authentication";

  private Asker() {}

  /** For the end of a line of a log; empty where nothing is known. */
  static String of(ThreadContext context) {
    String opaque = context.getHeader(Task.X_OPAQUE_ID_HTTP_HEADER);
    return user(context.getTransient(AUTHENTICATION))
            .map(name -> ", user [" + name + "]")
            .orElse("")
        + (opaque == null ? "" : ", X-Opaque-Id [" + Excerpt.of(opaque) + "]");
  }

  /** The one whose rights count, who may act for another. */
  private static Optional<String> user(Object authentication) {
    if (authentication == null) {
      return Optional.empty();
    }
    try {
      Object user = call(call(authentication, "getEffectiveSubject"), "getUser");
      return Optional.of(Excerpt.of((String) call(user, "principal")));
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOGGER.debug("the security module does not tell its user", e);
      return Optional.empty();
    }
  }

  private static Object call(Object target, String method) throws ReflectiveOperationException {
    return target.getClass().getMethod(method).invoke(target);
  }
}
