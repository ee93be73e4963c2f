package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.elasticsearch.threadpool.TestThreadPool;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.threadpool.ThreadPoolStats;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.plugin.model.Elsewhere;
import org.semlux.plugin.model.EncoderLoader;
import org.semlux.plugin.model.ModelMemory;
import org.semlux.plugin.model.ModelOptions;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.NodeModel;
import org.semlux.plugin.model.NodeModels;

/**
 * Beside the node's own models stand others, over a folder of their own, whose loader waits at
 * every model called slow, and at every one called hung though it is interrupted.
 */
public abstract class SlowLoadTestCase extends ESSingleNodeTestCase {
  private static final int PART_SIZE = 10_000;

  /** Models whose loads wait. */
  final Set<String> waiting = ConcurrentHashMap.newKeySet();

  final Set<String> interrupted = ConcurrentHashMap.newKeySet();

  /** How often each model was loaded. */
  final Map<String, Integer> loads = new ConcurrentHashMap<>();

  /** Until when they wait. */
  final CountDownLatch end = new CountDownLatch(1);

  @Override
  protected final Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class);
  }

  @Override
  protected final boolean resetNodeAfterTest() {
    return true;
  }

  final NodeModels models(Path root, boolean slow) {
    return models(root, slow, getInstanceFromNode(ThreadPool.class));
  }

  final NodeModels models(Path root, boolean slow, ThreadPool threads) {
    return models(root, slow, threads, new ModelMemory(Long.MAX_VALUE));
  }

  final NodeModels models(Path root, boolean slow, ThreadPool threads, ModelMemory memory) {
    ThreadPool threadPool = getInstanceFromNode(ThreadPool.class);
    EncoderLoader loader =
        new EncoderLoader(
            Optional.empty(),
            EncoderOptions.defaults().withWorkers(EncodePool.workers(threadPool)));
    NodeModels models =
        new NodeModels(
            getInstanceFromNode(ClusterService.class),
            threads,
            getInstanceFromNode(ModelStore.class),
            true,
            root,
            slow ? (folder, options) -> wait(folder, options, loader) : loader,
            memory,
            Elsewhere.NOWHERE);
    models.start();
    return models;
  }

  private Encoder wait(Path folder, ModelOptions options, EncoderLoader loader) throws IOException {
    String id = folder.getFileName().toString();
    loads.merge(id, 1, Integer::sum);
    if (id.startsWith("slow") || id.startsWith("hung")) {
      wait(id);
    }
    return loader.load(folder, options);
  }

  private void wait(String id) {
    waiting.add(id);
    try {
      for (boolean over = false; !over; ) {
        try {
          assertTrue(end.await(60, TimeUnit.SECONDS));
          over = true;
        } catch (InterruptedException e) {
          interrupted.add(id);
          if (!id.startsWith("hung")) {
            throw new CancellationException(id);
          }
        }
      }
    } finally {
      waiting.remove(id);
    }
  }

  final void deployed(String id) throws Exception {
    new TinyModel(PART_SIZE).upload(client(), id);
    deploy(client(), id);
  }

  static ModelState state(NodeModels models, String id) {
    NodeModel status = models.statuses().get(id);
    return status == null ? null : status.state();
  }

  static String reason(NodeModels models, String id) {
    NodeModel status = models.statuses().get(id);
    return status == null ? "" : status.reason();
  }

  /** A walk through all files would fail where copies come and go meanwhile. */
  static List<Path> marks(Path root) throws IOException {
    try (Stream<Path> uploads = Files.list(root)) {
      return uploads.map(upload -> upload.resolve(".loading")).filter(Files::exists).toList();
    }
  }

  /** Minutes pass at once where a test says so. */
  static final class LeapingThreadPool extends TestThreadPool {
    private record Later(TimeValue delay, long atMillis, Runnable command, Executor executor) {}

    private final Queue<Later> later = new ConcurrentLinkedQueue<>();
    private final AtomicLong leaptMillis = new AtomicLong();
    private final AtomicReference<Runnable> atNextLook = new AtomicReference<>(() -> {});

    LeapingThreadPool() {
      super("leaping");
    }

    @Override
    public long rawRelativeTimeInMillis() {
      atNextLook.getAndSet(() -> {}).run();
      return leaptMillis.get() + super.rawRelativeTimeInMillis();
    }

    /** Has this done once, by whoever next asks for the time before it is told. */
    void atNextLook(Runnable command) {
      atNextLook.set(command);
    }

    /** Tasks that the generic pool is at. */
    int active() {
      for (ThreadPoolStats.Stats pool : stats()) {
        if (pool.name().equals(Names.GENERIC)) {
          return pool.active();
        }
      }
      throw new AssertionError("no generic pool");
    }

    @Override
    public ScheduledCancellable schedule(Runnable command, TimeValue delay, Executor executor) {
      if (delay.minutes() > 0) { // no test lives long enough to see it twice
        later.add(new Later(delay, rawRelativeTimeInMillis() + delay.millis(), command, executor));
      }
      return super.schedule(command, delay, executor);
    }

    /** Lets this time pass, at whose end something is to be done: that is waited for. */
    void leap(TimeValue time) throws Exception {
      assertBusy(() -> assertTrue(later.stream().anyMatch(command -> command.delay.equals(time))));
      leaptMillis.addAndGet(time.millis());
      long now = rawRelativeTimeInMillis();
      List<Later> due = later.stream().filter(command -> command.atMillis <= now).toList();
      later.removeAll(due);
      due.forEach(command -> command.executor.execute(command.command));
    }
  }
}
