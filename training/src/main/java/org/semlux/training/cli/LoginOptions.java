package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Pattern;
import org.semlux.training.data.DataFile;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * Who asks the cluster. Secrets come from a file or the environment, never from the command line.
 */
final class LoginOptions {
  private static final Pattern API_KEY = Pattern.compile("[!-~]+");

  /** A name and its password belong together. */
  static final class User {
    @Option(names = "--user", paramLabel = "U", required = true, description = "The user's name.")
    String name;

    @Option(
        names = "--password-file",
        paramLabel = "F",
        required = true,
        description = "A file that holds the user's password.")
    Path passwordFile;
  }

  @ArgGroup(exclusive = false)
  User user;

  @Option(
      names = "--api-key-env",
      paramLabel = "NAME",
      required = true,
      description = "The environment variable that holds an encoded API key.")
  String apiKeyVariable;

  /** The Authorization header's value. */
  String authorization() throws IOException {
    if (user != null) {
      if (user.name.indexOf(':') >= 0) {
        throw new IllegalArgumentException("--user holds a colon, which no user's name may");
      }
      String password = DataFile.read(user.passwordFile).stripTrailing();
      byte[] login = (user.name + ":" + password).getBytes(UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(login);
    }
    return apiKey(apiKeyVariable, System.getenv(apiKeyVariable));
  }

  /** The header's value by what a variable holds, which no message repeats. */
  static String apiKey(String variable, String key) {
    if (key == null || key.isBlank()) {
      throw new IllegalArgumentException(
          "the environment variable [" + variable + "] holds no API key");
    }
    // The JDK's own message would print the key.
    if (!API_KEY.matcher(key.strip()).matches()) {
      throw new IllegalArgumentException(
          "the environment variable ["
              + variable
              + "] holds a line break, a blank or another character that no encoded API key has");
    }
    return "ApiKey " + key.strip();
  }
}
