package org.semlux.training.card;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.folder.Sha256;

/**
 * What computed.
 *
 * {@snippet lang=java :
 * Versions versions = Versions.current();
 * System.out.println(versions.semlux() + " on Java " + versions.java());
 * }
 *
 * @param semlux its release
 * @param semluxId the first twelve digits of the SHA-256 of Semlux's own classes: the same for the
 *     same code, released or not
 * @param java of the running JVM
 * @param pytorch of the native library that belongs to this release
 * @param djl the Deep Java Library
 * @param tokenizers Hugging Face's library, and DJL's build of it, such as {@code 0.21.0-0.35.1}
 */
public record Versions(
    String semlux, String semluxId, String java, String pytorch, String djl, String tokenizers) {
  private static final int ID_DIGITS = 12;

  /**
   * Those of this process.
   *
   * @throws IOException when Semlux's own files cannot be read
   */
  public static Versions current() throws IOException {
    Properties build = properties("versions.properties");
    return new Versions(
        build.getProperty("semlux"),
        id(),
        Runtime.version().toString(),
        build.getProperty("pytorch"),
        build.getProperty("djl"),
        properties("/native/lib/tokenizers.properties").getProperty("version"));
  }

  private static Properties properties(String name) throws IOException {
    Properties properties = new Properties();
    try (InputStream resource = Versions.class.getResourceAsStream(name)) {
      properties.load(resource);
    }
    return properties;
  }

  private static String id() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Class<?> one : List.of(Encoder.class, Versions.class)) {
      try (Stream<Path> below = Files.walk(place(one))) {
        below.filter(Files::isRegularFile).sorted().forEach(files::add);
      }
    }
    return Sha256.of(files.toArray(Path[]::new)).substring(0, ID_DIGITS);
  }

  /** The jar or folder that a class comes from. */
  private static Path place(Class<?> one) throws IOException {
    try {
      return Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the classes of Semlux lie at no readable place", e);
    }
  }
}
