/**
 * The command line {@code semlux}: one class for each subcommand, which reads options, calls the
 * other packages and prints. Results go to standard output, everything else to standard error; the
 * exit code is 0, 1 for an error and 2 for a mistake in the options.
 */
package org.semlux.training.cli;
