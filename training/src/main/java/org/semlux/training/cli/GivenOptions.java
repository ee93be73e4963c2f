package org.semlux.training.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Which options one command line gives, and the refusal of those that make no sense together. */
record GivenOptions(CommandSpec spec) {
  /** Whether an option stands there, and not only its default. */
  boolean has(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  /**
   * Refuses a command line.
   *
   * @throws ParameterException when it is not sensible; the message names the option
   */
  void require(boolean sensible, String message) {
    if (!sensible) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
