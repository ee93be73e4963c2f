package org.semlux.plugin;

import org.junit.BeforeClass;

/**
 * Random tests that are worth running for hours, which a build has not. They run where {@code
 * -Dsemlux.random=true} asks for them; CONTRIBUTING.md has the command.
 */
public abstract class RandomTestCase extends SharedNodesTestCase {
  @BeforeClass
  public static void onlyWhereAskedFor() {
    assumeTrue(
        "random tests run for long, and only with -Dsemlux.random=true",
        Boolean.getBoolean("semlux.random"));
  }
}
