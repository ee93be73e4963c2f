package org.semlux.training.run;

import java.io.Closeable;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a long task has come, on standard error: a bar on a terminal, else a plain line every few
 * seconds and, if there was any, one at the end. Whether it is a terminal is said by whoever starts
 * the process, in the system property {@value #TERMINAL}: the JDK cannot ask about standard error
 * alone. Not thread-safe.
 *
 * {@snippet lang=java :
 * PrintWriter err = new PrintWriter(System.err, true);
 * try (Progress progress = new Progress(err, "Encoding", Progress.Unit.TEXTS, 1_000)) {
 *   for (int batch = 0; batch < 10; batch++) {
 *     progress.step(100); // more
 *   }
 * }
 * }
 */
public final class Progress implements Closeable {
  /** The width of the terminal in columns; none when standard error is no terminal. */
  public static final String TERMINAL = "semlux.terminal.columns";

  private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(5);

  /** What is counted: {@code one} of it reads {@code name}. */
  public enum Unit {
    TEXTS("texts", 1),
    PAIRS("pairs", 1),
    FUSIONS("fusions", 1),
    STEPS("steps", 1),
    MEGABYTES("MB", 1_000_000);

    private final String name;
    private final long one;

    Unit(String name, long one) {
      this.name = name;
      this.one = one;
    }

    /** As it is counted: {@code texts}. */
    @Override
    public String toString() {
      return name;
    }
  }

  private final PrintWriter err;
  private final String task;
  private final Unit unit;
  private final long total;
  private final ProgressBar bar;
  private final LongSupplier nanoTime;
  private final long start;
  private long lastLine;
  private long done;
  private String note = "";

  /**
   * @param task what is done, such as {@code Encoding}
   * @param total how much there is, negative when nobody knows
   */
  public Progress(PrintWriter err, String task, Unit unit, long total) {
    this(err, task, unit, total, System::nanoTime);
  }

  public Progress(PrintWriter err, String task, Unit unit, long total, LongSupplier nanoTime) {
    this.err = err;
    this.task = task;
    this.unit = unit;
    this.total = total;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.lastLine = start;
    int columns = Integer.getInteger(TERMINAL, 0);
    this.bar = columns > 0 ? bar(columns) : null;
  }

  /** Begins a line for a message, where a bar may stand on the terminal. */
  public static void leaveBar(PrintWriter err) {
    if (Integer.getInteger(TERMINAL, 0) > 0) {
      err.println();
    }
  }

  private ProgressBar bar(int columns) {
    return ProgressBar.builder()
        .setTaskName(task)
        .setInitialMax(total)
        .setUnit(" " + unit.name, unit.one)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, columns - 1))
        .showSpeed()
        .build();
  }

  /** So much is done in all. */
  public void stepTo(long all) {
    step(all - done);
  }

  /** A word on how it goes, beside the bar. */
  public void say(String word) {
    if (bar != null) {
      bar.setExtraMessage(" " + word);
    } else {
      note = ", " + word;
    }
  }

  /** So much more is done. */
  public void step(long more) {
    done += more;
    if (bar != null) {
      bar.stepTo(done);
    } else if (nanoTime.getAsLong() - lastLine >= BETWEEN_LINES) {
      lastLine = nanoTime.getAsLong();
      err.println(line());
      err.flush();
    }
  }

  private String line() {
    String howMuch =
        total <= 0
            ? String.format(Locale.ROOT, "%,d %s", done / unit.one, unit.name)
            : String.format(
                Locale.ROOT,
                "%,d of %,d %s (%d%%)",
                done / unit.one,
                total / unit.one,
                unit.name,
                100 * done / total);
    return String.format(
        Locale.ROOT,
        "%s: %s in %.1f s%s",
        task,
        howMuch,
        (nanoTime.getAsLong() - start) / 1e9,
        note);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    } else if (lastLine != start) {
      err.println(line());
      err.flush();
    }
  }
}
