package org.semlux.tests.node;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A class whose tests start nodes of their own, or long commands. One such class runs at a time,
 * beside one with {@link OnRealNode}: clusters share folders, and more would wait for the machine.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ResourceLock("nodes of one's own")
public @interface StartsNodes {}
