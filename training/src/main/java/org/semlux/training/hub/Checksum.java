package org.semlux.training.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.semlux.encoders.folder.Sha256;

/**
 * What a file's content hashes to. Hubs tell SHA-256 of files in large file storage, and for others
 * what git calls them: SHA-1 over {@code "blob <size>\0"} and the content.
 *
 * @param hex lower-case hexadecimal digits
 */
record Checksum(Kind kind, String hex) {
  enum Kind {
    SHA_256("SHA-256", 64),
    GIT_BLOB("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }
  }

  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  /** A checksum, when the text is one of that kind: some hubs put other things in its place. */
  static Optional<Checksum> of(Kind kind, String text) {
    String hex = text.toLowerCase(Locale.ROOT);
    return hex.length() == kind.digits && HEX.matcher(hex).matches()
        ? Optional.of(new Checksum(kind, hex))
        : Optional.empty();
  }

  /** The checksum in an {@code ETag}, where hubs put them in quotes; the length tells the kind. */
  static Optional<Checksum> ofTag(String tag) {
    String text = tag.replaceFirst("^W/", "").replace("\"", "");
    return of(Kind.SHA_256, text).or(() -> of(Kind.GIT_BLOB, text));
  }

  boolean matches(Path file) throws IOException {
    return of(kind, file).equals(this);
  }

  static Checksum of(Kind kind, Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(kind.algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + kind.algorithm, e);
    }
    if (kind == Kind.GIT_BLOB) {
      digest.update(("blob " + Files.size(file) + "\0").getBytes(US_ASCII));
    }
    Sha256.update(digest, file, bytes -> {});
    return new Checksum(kind, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public String toString() {
    return kind.algorithm + " " + hex;
  }
}
