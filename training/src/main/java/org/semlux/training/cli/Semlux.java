package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.semlux.encoders.program.Program;
import org.semlux.training.run.Progress;
import org.semlux.training.train.StoppableTraining;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The command {@code semlux}.
 *
 * {@snippet lang=java :
 * int code =
 *     Semlux.commandLine()
 *         .execute("info", "--model", "model"); // 0: it went well, as from the shell
 * }
 */
@Command(
    name = "semlux",
    description =
        "Semantic search models in Java: encode, score, evaluate, measure and deploy them.",
    subcommands = {
      DownloadCommand.class,
      ImportCommand.class,
      InfoCommand.class,
      EncodeCommand.class,
      ScoreCommand.class,
      EvaluateCommand.class,
      BenchmarkCommand.class,
      SparsifyCommand.class,
      MineCommand.class,
      LabelCommand.class,
      TrainCommand.class,
      AdaptCommand.class,
      TuneCommand.class,
      CompareCommand.class,
      DeployCommand.class,
      ModelsCommand.class,
      HelpCommand.class
    },
    footer = {
      "",
      "A model is a folder as sentence-transformers saves it, with weights in safetensors.",
      "'semlux COMMAND --help' shows a command's options and examples.",
      "SEMLUX_JAVA_HOME names the JDK (21 or newer), SEMLUX_JAVA_OPTS its options, such as -Xmx4g."
    },
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    scope = ScopeType.INHERIT)
public final class Semlux {
  /** As shells report a process that was interrupted. */
  static final int INTERRUPTED = 130;

  private static final int ERROR = 1;

  @Option(
      names = "--debug",
      description = "Print stack traces of errors.",
      scope = ScopeType.INHERIT,
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private boolean debug;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // plain digits, whatever the user's are
    PrintWriter out = new PrintWriter(System.out, false, UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, UTF_8);
    CountDownLatch done = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(done, err), "semlux-end"));
    int exitCode;
    try {
      exitCode = commandLine().setOut(out).setErr(err).execute(arguments);
      if (exitCode == 0 && out.checkError()) { // writers of the JDK do not say it
        err.println("semlux: standard output is closed or full: not all of the answer is there");
        exitCode = ERROR;
      }
    } catch (OutOfMemoryError e) {
      err.println("semlux: out of memory (" + e.getMessage() + "): give more by SEMLUX_JAVA_OPTS");
      exitCode = ERROR;
    } catch (LinkageError e) {
      err.println("semlux: the installation is damaged: " + e);
      exitCode = ERROR;
    } finally {
      done.countDown();
    }
    System.exit(exitCode);
  }

  /**
   * At the end of the process, be it by a signal.
   *
   * @param done when the command has come to its end
   */
  private static void end(CountDownLatch done, PrintWriter err) {
    try {
      if (StoppableTraining.awaitCheckpoint()) {
        done.await(); // it gives its folder back
      } else if (done.getCount() > 0) {
        Progress.leaveBar(err);
        err.println("semlux: stopped before its end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Program.endAll();
  }

  /** The command line, which prints to standard output and standard error unless told otherwise. */
  public static CommandLine commandLine() {
    Semlux semlux = new Semlux();
    return new CommandLine(semlux)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((e, line, parsed) -> semlux.report(e, line))
        .setParameterExceptionHandler((e, arguments) -> misuse(e));
  }

  private int report(Exception e, CommandLine line) {
    PrintWriter err = line.getErr();
    if (debug) {
      e.printStackTrace(err);
    }
    err.println("semlux: " + ErrorMessage.of(e));
    return ERROR;
  }

  private static int misuse(ParameterException e) {
    CommandLine line = e.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    line.getErr().println("semlux: " + e.getMessage());
    if (line.getParent() == null) {
      line.usage(line.getErr());
    } else {
      line.getErr().println("'" + command + " --help' shows what can be given.");
    }
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }
}
