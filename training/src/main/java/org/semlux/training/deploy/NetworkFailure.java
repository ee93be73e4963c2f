package org.semlux.training.deploy;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/**
 * Says why a server could not be reached: what the JDK throws often has no words.
 *
 * {@snippet lang=java :
 * try (Socket socket = new Socket("localhost", 9200)) {
 *   System.out.println(socket + " is connected");
 * } catch (IOException e) {
 *   System.err.println("localhost:9200: " + NetworkFailure.reason(e)); // connection refused
 * }
 * }
 */
public final class NetworkFailure {
  private NetworkFailure() {}

  /** In a few words, without the server's name. */
  public static String reason(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return "no such host";
      }
    }
    String message = e.getMessage();
    return message != null
        ? message
        : e instanceof ConnectException ? "connection refused" : e.getClass().getSimpleName();
  }
}
