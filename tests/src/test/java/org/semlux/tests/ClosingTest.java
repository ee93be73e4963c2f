package org.semlux.tests;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Closing an encoder in the midst of its work: all is answered or refused, nothing native stays.
 */
@Isolated("counts open handles")
class ClosingTest {
  @TestFactory
  Stream<DynamicTest> dense() throws IOException {
    return new DenseContractTest().closingWhileEncoding();
  }

  @TestFactory
  Stream<DynamicTest> sparse() throws IOException {
    return new SparseContractTest().closingWhileEncoding();
  }

  @TestFactory
  Stream<DynamicTest> cross() throws IOException {
    return new CrossContractTest().closingWhileEncoding();
  }

  @TestFactory
  Stream<DynamicTest> multiVector() throws IOException {
    return new MultiVectorContractTest().closingWhileEncoding();
  }
}
