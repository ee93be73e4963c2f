package org.semlux.encoders.text;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.load.EncoderOptions;

/**
 * How long a query's text takes while two clients encode documents with 4 MB of base64, against how
 * long it takes when nobody else is there. By hand: {@code tests/benchmark/long_texts.sh}.
 */
final class LongTextLatency {
  private static final int QUERIES = 300;
  private static final int BYTES = 3 << 20; // 4 MB as base64

  private LongTextLatency() {}

  /**
   * @param arguments a folder with a dense model
   */
  public static void main(String[] arguments) throws Exception {
    byte[] bytes = new byte[BYTES];
    new Random(1).nextBytes(bytes);
    List<String> documents =
        List.of(
            Base64.getEncoder().encodeToString(bytes),
            Base64.getUrlEncoder().encodeToString(bytes));
    AtomicBoolean done = new AtomicBoolean();
    try (DenseEncoder encoder =
        DenseEncoder.load(Path.of(arguments[0]), EncoderOptions.defaults())) {
      p99(encoder); // warms up
      double idle = p99(encoder);
      Thread[] clients = new Thread[2];
      for (int i = 0; i < clients.length; i++) {
        clients[i] =
            new Thread(
                () -> {
                  while (!done.get()) {
                    encoder.encode(documents);
                  }
                });
        clients[i].start();
      }
      Thread.sleep(1_000);
      double busy = p99(encoder);
      done.set(true);
      for (Thread client : clients) {
        client.join();
      }
      System.out.printf(
          "p99 of a query: %.1f ms alone, %.1f ms beside base64, %.1f times; %d texts encoded%n",
          idle, busy, busy / idle, encoder.stats().texts());
      System.exit(busy <= 3 * idle ? 0 : 1);
    }
  }

  private static double p99(DenseEncoder encoder) throws InterruptedException {
    double[] millis = new double[QUERIES];
    for (int i = 0; i < QUERIES; i++) {
      long start = System.nanoTime();
      encoder
          .submit(
              EncodeRequest.of(List.of("how does query " + i + " get through"))
                  .withPriority(Priority.SEARCH))
          .join();
      millis[i] = (System.nanoTime() - start) / 1e6;
      Thread.sleep(10);
    }
    Arrays.sort(millis);
    return millis[(int) (QUERIES * .99) - 1];
  }
}
