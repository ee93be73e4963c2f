package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy on the loopback interface that keeps what it reads of requests. It passes plain ones on
 * when their body is empty, without its own password; a tunnel it refuses.
 */
public final class ProxyServer implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<String> requests = new CopyOnWriteArrayList<>();

  public ProxyServer() throws IOException {
    Thread thread = new Thread(this::serve, "proxy-server");
    thread.setDaemon(true);
    thread.start();
  }

  /** What an environment variable says, with a name and a password or an empty text. */
  public String address(String login) {
    String user = login.isEmpty() ? "" : login + "@";
    return "http://" + user + "127.0.0.1:" + server.getLocalPort();
  }

  /** Each request's lines, up to its body. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        String head = head(client.getInputStream());
        requests.add(head);
        if (head.startsWith("CONNECT ")) {
          client.getOutputStream().write(text("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
        } else {
          pass(head, client);
        }
      } catch (SocketException e) {
        // Closed.
      } catch (IOException e) {
        requests.add(e.toString());
      }
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0; c = in.read()) {
      head.write(c);
      if (head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString(ISO_8859_1);
  }

  private static void pass(String head, Socket client) throws IOException {
    String[] line = head.lines().findFirst().orElseThrow().split(" ");
    URI address = URI.create(line[1]);
    String path = address.getRawPath();
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    String own = head.replaceFirst("(?i)Proxy-Authorization: [^\r]*\r\n", "");
    own = own.replaceFirst("(?i)Connection: [^\r]*\r\n", "");
    String asked = own.substring(own.indexOf("\r\n") + 2);
    try (Socket host = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      host.getOutputStream()
          .write(text(line[0] + " " + path + query + " HTTP/1.1\r\nConnection: close\r\n" + asked));
      host.getInputStream().transferTo(client.getOutputStream());
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
