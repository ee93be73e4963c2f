package org.semlux.plugin.fuzz;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.test.ESTestCase;

/** The same thousand inputs each time; a million others by hand, see tests/README.md. */
public class FuzzTests extends ESTestCase {
  private static final int INPUTS = 1_000;

  public void testAThousandInputs() throws IOException {
    Fuzz fuzz = new Fuzz(createTempDir());
    List<byte[]> seeds = Fuzz.seeds();
    seeds.forEach(fuzz::run);
    Mutations mutations = new Mutations(20_261_128);
    for (int i = 0; i < INPUTS; i++) {
      fuzz.run(mutations.next(seeds));
    }
  }
}
