import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What the steps found for the questions, in tables with a column a step. */
final class Report {
  private static final int SHOWN = 3;
  private static final int WIDTH = 100;
  private static final String TITLE = "%-33s";
  private static final String CELL = "%7s";

  private final List<Step> steps;
  private final List<Asked> asked;

  /**
   * @param asked of every one of the steps
   */
  Report(List<Step> steps, List<Asked> asked) {
    this.steps = steps;
    this.asked = asked;
  }

  /** A question and what each step found for it. */
  record Asked(Question question, Map<Step, Node.Found> found) {
    /** Counted from 1; behind all hits where the step did not find it. */
    int order(Step step, Node.Hit hit) {
      int rank = found.get(step).rank(hit.id());
      return rank == 0 ? Integer.MAX_VALUE : rank;
    }
  }

  void print() {
    asked.stream().filter(one -> one.question().demo()).forEach(this::show);
    summarize();
  }

  /** Every step's first hits, and the rank that each step gives them. */
  private void show(Asked one) {
    Set<Node.Hit> hits = new LinkedHashSet<>();
    steps.forEach(step -> one.found().get(step).hits().stream().limit(SHOWN).forEach(hits::add));
    // The last step is the best one.
    Comparator<Node.Hit> order =
        steps.reversed().stream()
            .map(step -> Comparator.<Node.Hit>comparingInt(hit -> one.order(step, hit)))
            .reduce(Comparator::thenComparing)
            .orElseThrow();
    System.out.printf("%n%s%n%s%n", one.question().text(), cells(Step::toString));
    for (Node.Hit hit : hits.stream().sorted(order).toList()) {
      String ranks =
          cells(
              step -> {
                int rank = one.found().get(step).rank(hit.id());
                return rank == 0 ? "-" : String.valueOf(rank);
              });
      System.out.println(
          cut(ranks + (one.question().isAnsweredBy(hit) ? " * " : "   ") + hit.text()));
    }
  }

  private static String cut(String line) {
    return line.length() <= WIDTH
        ? line
        : line.substring(0, line.lastIndexOf(' ', WIDTH - 1)) + "…";
  }

  /** Figures of each kind of question, and of all together. */
  private void summarize() {
    System.out.printf("%n* answers the question.%n%n" + TITLE + "%s%n", "", cells(Step::toString));
    Map<String, List<Asked>> groups = new LinkedHashMap<>();
    for (Asked one : asked) {
      groups.computeIfAbsent(one.question().kind(), kind -> new ArrayList<>()).add(one);
    }
    groups.put("in all", asked);
    groups.forEach(
        (kind, some) ->
            row("NDCG@10, " + some.size() + " " + kind, "%.3f", step -> mean(some, step)));
    groups.forEach(
        (kind, some) ->
            row(
                "first hit answers, " + some.size() + " " + kind,
                "%.0f",
                step -> firsts(some, step)));
    row("median ms", "%.1f", this::median);
  }

  private static double mean(List<Asked> some, Step step) {
    return some.stream()
        .mapToDouble(one -> one.question().ndcg(one.found().get(step).hits()))
        .average()
        .orElseThrow();
  }

  private static double firsts(List<Asked> some, Step step) {
    return some.stream()
        .filter(
            one ->
                one.found().get(step).hits().stream()
                    .limit(1)
                    .anyMatch(one.question()::isAnsweredBy))
        .count();
  }

  private double median(Step step) {
    double[] millis =
        asked.stream().mapToDouble(one -> one.found().get(step).millis()).sorted().toArray();
    return millis[millis.length / 2];
  }

  private void row(String title, String format, ToDoubleFunction<Step> value) {
    String values = cells(step -> String.format(Locale.ROOT, format, value.applyAsDouble(step)));
    System.out.printf(TITLE + "%s%n", title, values);
  }

  private String cells(Function<Step, String> value) {
    return steps.stream().map(value).map(CELL::formatted).collect(Collectors.joining());
  }
}
