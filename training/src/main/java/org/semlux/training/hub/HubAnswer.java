package org.semlux.training.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A successful answer, whose body is read piece by piece. For one thread. */
final class HubAnswer implements Closeable {
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/.*");
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;[^,]*rel=\"?next\"?");
  private static final int PARTIAL_CONTENT = 206;

  private final HttpResponse<InputStream> response;
  private final HttpHeaders hubs;
  private final ScheduledExecutorService timer;
  private final Duration patience;

  /**
   * @param hubs headers of the hub's own answer, which may have led elsewhere by redirects
   * @param timer closes the body when nothing has come for so long
   */
  HubAnswer(
      HttpResponse<InputStream> response,
      HttpHeaders hubs,
      ScheduledExecutorService timer,
      Duration patience) {
    this.response = response;
    this.hubs = hubs;
    this.timer = timer;
    this.patience = patience;
  }

  /**
   * Reads what has come, and waits when there is nothing.
   *
   * @return how many bytes, -1 at the end
   * @throws PassingException when the connection is lost or silent
   */
  int read(byte[] buffer) throws PassingException {
    // The client's own timeout ends with the headers, so the body needs a watch.
    AtomicBoolean silent = new AtomicBoolean();
    Future<?> watch =
        timer.schedule(
            () -> {
              silent.set(true);
              closeQuietly();
            },
            patience.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      int read = response.body().read(buffer);
      if (!silent.get()) {
        return read;
      }
    } catch (IOException e) {
      if (!silent.get()) {
        throw new PassingException(host() + " closed the connection", e);
      }
    } finally {
      watch.cancel(false);
    }
    throw new PassingException(
        host() + " has sent nothing for " + patience.toSeconds() + " s", Optional.empty());
  }

  /**
   * The whole body as text.
   *
   * @throws IOException when it is longer than that
   */
  String text(int mostBytes) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 14];
    for (int read = read(buffer); read >= 0; read = read(buffer)) {
      text.write(buffer, 0, read);
      if (text.size() > mostBytes) {
        throw new IOException(host() + " answers with more than " + mostBytes + " bytes");
      }
    }
    return text.toString(UTF_8);
  }

  String host() {
    return response.uri().getHost();
  }

  String contentType() {
    return response.headers().firstValue("Content-Type").orElse("no content type");
  }

  /** Where in the file the body starts: 0 when the server sends it whole. */
  long start() {
    if (response.statusCode() != PARTIAL_CONTENT) {
      return 0;
    }
    Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    return range.matches() ? Long.parseLong(range.group(1)) : -1;
  }

  /** Bytes of the body, or {@link HubFile#UNKNOWN}. */
  long length() {
    return response.headers().firstValueAsLong("Content-Length").orElse(HubFile.UNKNOWN);
  }

  /** The checksum of the content that the hub tells with it. */
  Optional<Checksum> checksum() {
    return hubs.firstValue("X-Linked-Etag")
        .or(() -> hubs.firstValue("ETag"))
        .flatMap(Checksum::ofTag);
  }

  /** The address of the next page of a list. */
  Optional<String> next() {
    Matcher next = NEXT.matcher(String.join(", ", response.headers().allValues("Link")));
    return next.find() ? Optional.of(next.group(1)) : Optional.empty();
  }

  private void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      // Whoever reads it learns that it is closed.
    }
  }

  @Override
  public void close() throws IOException {
    response.body().close();
  }
}
