package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic.Kind;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The examples of the Javadoc compile, as a caller in another package would write them: each is
 * whole but for its imports, and names what is public alone.
 */
class SnippetTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final List<String> MODULES = List.of("encoders", "training");
  private static final String BEGINNING = "{@snippet ";

  private static final Predicate<String> PUBLIC_CLASS =
      Pattern.compile("^public ((final|abstract|sealed|non-sealed) )*class ").asPredicate();

  /** Of others, what an example may name. */
  private static final List<String> PACKAGES =
      List.of(
          "com.google.gson",
          "java.io",
          "java.net",
          "java.nio",
          "java.nio.channels",
          "java.nio.file",
          "java.time",
          "java.util",
          "java.util.concurrent",
          "java.util.stream",
          "javax.net.ssl");

  private static List<Source> sources;

  @BeforeAll
  static void read() throws IOException {
    sources = new ArrayList<>();
    for (String module : MODULES) {
      Path folder = ROOT.resolve(module).resolve("src/main/java");
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
          sources.add(Source.read(folder, file));
        }
      }
    }
  }

  @Test
  void everySnippetCompiles() throws IOException {
    String imports = imports();
    List<Source> units = sources.stream().filter(Source::hasSnippet).toList();
    assertThat(units.size()).isGreaterThan(100);
    assertThat(errors(units.stream().map(unit -> unit.compilable(imports)).toList())).isEmpty();
  }

  /**
   * Records, enums and interfaces need none: their classes and callers show them. Exceptions are
   * caught, not called.
   */
  @Test
  void everyPublicClassHasOne() {
    assertThat(
            sources.stream()
                .filter(source -> !source.name().endsWith("Exception"))
                .filter(source -> source.isPublicClass() && !source.hasSnippet())
                .map(Source::name))
        .isEmpty();
  }

  /** The test itself: what no caller could write is found, with its file and line. */
  @Test
  void anErrorIsToldWithItsFileAndLine() throws IOException {
    Source wrong =
        new Source(
            "org.semlux.encoders",
            "Encoder",
            List.of(
                "package org.semlux.encoders;",
                "/**",
                " * {@snippet lang=java :",
                " * try (var encoder = DenseEncoder.load(Path.of(\"model\"))) {",
                " *   encoder.encode(List.of(\"a text\"));",
                " * }",
                " * }",
                " */"));
    assertThat(errors(List.of(wrong.compilable(imports()))))
        .singleElement()
        .asString()
        .startsWith("Encoder.java:4: ")
        .contains("load");
  }

  private static List<String> errors(List<JavaFileObject> units) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of("-proc:none", "-classpath", System.getProperty("java.class.path"));
    JavacTask task =
        (JavacTask) compiler.getTask(new StringWriter(), null, found, options, null, units);
    task.analyze();
    return found.getDiagnostics().stream()
        .filter(problem -> problem.getKind() == Kind.ERROR)
        .map(
            problem ->
                "%s:%s: %s"
                    .formatted(
                        problem.getSource() == null ? "" : problem.getSource().getName(),
                        problem.getLineNumber(),
                        problem.getMessage(null)))
        .toList();
  }

  /** All of ours, and what examples name beside it. */
  private static String imports() {
    Set<String> packages = new TreeSet<>(PACKAGES);
    sources.forEach(source -> packages.add(source.packageName()));
    return packages.stream().map("import %s.*;"::formatted).collect(Collectors.joining(" "));
  }

  /** A source file. */
  private record Source(String packageName, String name, List<String> lines) {
    static Source read(Path folder, Path file) throws IOException {
      String packageName = folder.relativize(file.getParent()).toString().replace('/', '.');
      String name = file.getFileName().toString().replace(".java", "");
      return new Source(packageName, name, Files.readAllLines(file));
    }

    boolean isPublicClass() {
      return lines.stream().anyMatch(PUBLIC_CLASS);
    }

    boolean hasSnippet() {
      return lines.stream().anyMatch(line -> line.contains(BEGINNING));
    }

    /** Its snippets as methods of a class, on the lines where they stand. */
    JavaFileObject compilable(String imports) {
      StringBuilder code =
          new StringBuilder(
              "package snippets.%s; %s import %s.%s; class SnippetsOf%s {"
                  .formatted(packageName, imports, packageName, name, name));
      int depth = 0;
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (depth > 0) {
          String said = line.strip().substring(1);
          depth += count(said, '{') - count(said, '}');
          code.append(said);
        } else if (line.contains(BEGINNING)) {
          depth = 1;
          code.append("void line%s() throws Exception {".formatted(i + 1));
        }
        code.append('\n');
      }
      return new Unit(packageName, name, code.append('}').toString());
    }

    private static int count(String line, char wanted) {
      return (int) line.chars().filter(character -> character == wanted).count();
    }
  }

  /** Code that is compiled from memory. */
  private static final class Unit extends SimpleJavaFileObject {
    private final String name;
    private final String code;

    Unit(String packageName, String name, String code) {
      super(
          URI.create("string:///snippets/%s/SnippetsOf%s.java".formatted(packageName, name)),
          JavaFileObject.Kind.SOURCE);
      this.name = name;
      this.code = code;
    }

    @Override
    public String getName() {
      return name + ".java";
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return code;
    }
  }
}
