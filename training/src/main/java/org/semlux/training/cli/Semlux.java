package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.Locale;
import org.semlux.encoders.batch.Workers;
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
    PrintWriter err = new PrintWriter(System.err, true, UTF_8);
    Runtime.getRuntime().addShutdownHook(new Thread(Semlux::endComputing, "semlux-end"));
    int exitCode;
    try {
      exitCode =
          commandLine()
              .setOut(new PrintWriter(System.out, false, UTF_8))
              .setErr(err)
              .execute(arguments);
    } catch (OutOfMemoryError e) {
      err.println("semlux: out of memory (" + e.getMessage() + "): give more by SEMLUX_JAVA_OPTS");
      exitCode = ERROR;
    } catch (LinkageError e) {
      err.println("semlux: the installation is damaged: " + e);
      exitCode = ERROR;
    }
    System.exit(exitCode);
  }

  /** Behind the checkpoint of a training, which evaluates by the same threads. */
  private static void endComputing() {
    try {
      StoppableTraining.awaitCheckpoint();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Workers.endAll();
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
