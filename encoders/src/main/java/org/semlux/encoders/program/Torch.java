package org.semlux.encoders.program;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * PyTorch in this process: where its natives lie, its one start, its threads. The natives are those
 * of the platform that was built for and come with the build; nothing is downloaded or extracted.
 *
 * {@snippet lang=java :
 * Torch.start(Path.of("native")); // once a process; the folder holds pytorch/ and tokenizers/
 * System.out.println(Torch.openHandles() + " native resources are open");
 * }
 */
public final class Torch {
  /** A system property that names the folder with {@code pytorch/} and {@code tokenizers/}. */
  public static final String NATIVES = "semlux.native";

  /** Systems that DJL has natives of one version for: see {@code native.platform} in the build. */
  private static final Set<String> PLATFORMS =
      new TreeSet<>(Set.of("Linux on amd64", "Linux on aarch64", "Mac OS X on aarch64"));

  static final AtomicLong OPEN_HANDLES = new AtomicLong();

  private static volatile NDManager root;

  private Torch() {}

  /** Starts PyTorch with the natives that {@value #NATIVES} names or that lie beside this jar. */
  public static void start() {
    if (root == null) {
      start(findNatives());
    }
  }

  /**
   * Starts PyTorch once; later calls do nothing.
   *
   * @param natives the folder that holds {@code pytorch} and {@code tokenizers}
   * @throws IllegalStateException when the natives are missing or cannot be loaded
   */
  public static synchronized void start(Path natives) {
    if (root != null) {
      return;
    }
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (!PLATFORMS.contains(system)) {
      throw new IllegalStateException("Semlux runs on one of " + PLATFORMS + ", this is " + system);
    }
    Path tokenizers = natives.resolve("tokenizers").resolve(System.mapLibraryName("tokenizers"));
    if (!Files.isRegularFile(tokenizers)) {
      throw new IllegalStateException(
          "PyTorch's libraries are not in " + natives + ": set -D" + NATIVES + " to their folder");
    }
    configure(natives.resolve("pytorch"), tokenizers);
    try {
      root =
          withClassLoader(
              () -> {
                // The tokenizers' library too: it finds its version file by the class loader too.
                LibUtils.checkStatus();
                return Engine.getEngine("PyTorch").newBaseManager();
              });
    } catch (UnsatisfiedLinkError | EngineException e) {
      throw new IllegalStateException(
          "PyTorch's libraries in "
              + natives
              + " cannot be loaded on "
              + system
              + ": install the build for this platform",
          e);
    }
  }

  /**
   * DJL reads these when its first class is touched; without them it would reach for the network.
   */
  private static void configure(Path pytorch, Path tokenizers) {
    Map<String, String> properties =
        Map.of(
            "PYTORCH_LIBRARY_PATH", pytorch.toString(),
            "PYTORCH_FLAVOR", "cpu",
            // The file, not its folder: DJL asks the folder's name for a CUDA architecture.
            "RUST_LIBRARY_PATH", tokenizers.toString(),
            "RUST_FLAVOR", "cpu",
            "ai.djl.offline", "true",
            "OPT_OUT_TRACKING", "true",
            "ai.djl.pytorch.num_interop_threads", "1",
            "ai.djl.pytorch.num_threads", "1");
    properties.forEach(
        (name, value) -> {
          System.setProperty(name, value);
          // Inside Elasticsearch a property without an entitlement is dropped in silence.
          if (!value.equals(System.getProperty(name))) {
            throw new IllegalStateException("the system property " + name + " may not be set");
          }
        });
  }

  private static Path findNatives() {
    String configured = System.getProperty(NATIVES);
    if (configured != null) {
      return Path.of(configured).toAbsolutePath();
    }
    try {
      Path jar = Path.of(Torch.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path beside = jar.resolveSibling("native");
      return Files.isDirectory(beside) ? beside : jar.getParent().resolveSibling("native");
    } catch (URISyntaxException e) {
      throw new IllegalStateException("cannot find PyTorch's libraries: set -D" + NATIVES, e);
    }
  }

  /** DJL finds its engine and resources by the thread's context class loader. */
  static <T> T withClassLoader(Supplier<T> action) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Torch.class.getClassLoader());
    try {
      return action.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  static PtNDManager newManager() {
    start();
    return (PtNDManager) root.newSubManager();
  }

  private static final ThreadLocal<Boolean> PREPARED =
      ThreadLocal.withInitial(
          () -> {
            start();
            // Both belong to the calling thread. Two workers of one thread beat one of two; the
            // profiling executor would specialise on shapes that change with every batch.
            JniUtils.setNumThreads(1);
            JniUtils.setGraphExecutorOptimize(false);
            return true;
          });

  /** Makes the calling thread a single-threaded worker; costs nothing from the second call on. */
  static void prepareThread() {
    PREPARED.get();
  }

  /** Makes the calling thread a single-threaded worker that records what gradients need. */
  static void prepareTraining() {
    prepareThread();
    JniUtils.setGradMode(true);
  }

  /** Times every operator of the calling thread from now on; costs as much again. */
  public static void startProfile() {
    prepareThread();
    JniUtils.startProfile(false, false, false);
  }

  /** Ends it and writes what was timed, as Chrome's trace viewer reads it. On the same thread. */
  public static void stopProfile(Path trace) {
    JniUtils.stopProfile(trace.toString());
  }

  /** Native resources that are open now: arrays, values, programs. For leak tests and stats. */
  public static long openHandles() {
    return OPEN_HANDLES.get();
  }
}
