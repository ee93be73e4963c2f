package org.semlux.training.card;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * A chart as SVG: lines over steps, or dots. Colours are CSS variables of the page, so that it is
 * legible in light and dark. Points tell their numbers where a mouse rests on them.
 */
final class Chart {
  private static final double WIDTH = 640;
  private static final double HEIGHT = 300;
  private static final double LEFT = 66;
  private static final double RIGHT = 24;
  private static final double TOP = 14;
  private static final double BOTTOM = 46;

  /** Lines of more points than this are thinned: a chart has no more pixels to show them. */
  private static final int MOST_POINTS = 400;

  /** Lines of more points than this show no dots. */
  private static final int MOST_DOTS = 60;

  /** More colours cannot be told apart. */
  static final int COLOURS = 8;

  /** One dot, and what it says. */
  record Point(double x, double y, String title) {
    private boolean isFinite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /** Points that belong together, by rising {@code x} where they make a line. */
  record Series(String name, List<Point> points) {
    Series {
      points = List.copyOf(points);
    }
  }

  private final String horizontal;
  private final String vertical;
  private final Axis x;
  private final Axis y;
  private final StringBuilder svg = new StringBuilder();

  private Chart(String horizontal, String vertical, Axis x, Axis y) {
    this.horizontal = horizontal;
    this.vertical = vertical;
    this.x = x;
    this.y = y;
  }

  /** What the drawable points span. */
  private static DoubleSummaryStatistics range(
      List<Series> series, ToDoubleFunction<Point> coordinate) {
    return series.stream()
        .flatMap(one -> one.points().stream())
        .filter(Point::isFinite)
        .mapToDouble(coordinate)
        .summaryStatistics();
  }

  /** Whether there is anything to draw. */
  static boolean isDrawable(List<Series> series) {
    return series.stream().flatMap(one -> one.points().stream()).anyMatch(Point::isFinite);
  }

  /**
   * Lines over whole numbers, broken where a value is none.
   *
   * @param horizontal what the axes show, with the unit
   * @param mark a place to draw a line at, if the horizontal axis has it
   */
  static String lines(
      String horizontal, String vertical, List<Series> series, OptionalDouble mark) {
    DoubleSummaryStatistics steps = range(series, Point::x);
    DoubleSummaryStatistics values = range(series, Point::y);
    Chart chart =
        new Chart(
            horizontal,
            vertical,
            Axis.ofWhole(steps.getMin(), steps.getMax()),
            Axis.of(values.getMin(), values.getMax()));
    chart.open();
    mark.ifPresent(chart::mark);
    for (int i = 0; i < series.size(); i++) {
      chart.line(series.get(i), i % COLOURS);
    }
    return chart.close();
  }

  /** Dots that stand for themselves, and the diagonal where both axes have the same scale. */
  static String dots(String horizontal, String vertical, Series points) {
    DoubleSummaryStatistics across = range(List.of(points), Point::x);
    DoubleSummaryStatistics up = range(List.of(points), Point::y);
    Chart chart =
        new Chart(
            horizontal,
            vertical,
            Axis.of(across.getMin(), across.getMax()),
            Axis.of(up.getMin(), up.getMax()));
    chart.open();
    chart.diagonal();
    for (Point point : points.points()) {
      if (point.isFinite()) {
        chart.circle("dot c0", 2.6, point);
      }
    }
    return chart.close();
  }

  private void open() {
    add(
        "<svg viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">",
        number(WIDTH), number(HEIGHT), Html.escape(vertical + " by " + horizontal));
    for (double tick : y.values()) {
      String at = number(top(tick));
      add(
          "<line class=\"grid\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>",
          number(LEFT), number(WIDTH - RIGHT), at, at);
      add(
          "<text class=\"tick\" x=\"%s\" y=\"%s\" text-anchor=\"end\" dy=\".32em\">%s</text>",
          number(LEFT - 8), at, y.label(tick));
    }
    for (double tick : x.values()) {
      String at = number(left(tick));
      add(
          "<line class=\"grid\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>",
          at, at, number(HEIGHT - BOTTOM), number(HEIGHT - BOTTOM + 4));
      add(
          "<text class=\"tick\" x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>",
          at, number(HEIGHT - BOTTOM + 18), x.label(tick));
    }
    double middle = (TOP + HEIGHT - BOTTOM) / 2;
    add(
        "<text class=\"axis\" x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>",
        number((LEFT + WIDTH - RIGHT) / 2), number(HEIGHT - 8), Html.escape(horizontal));
    add(
        "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(14 %s) rotate(-90)\">%s</text>",
        number(middle), Html.escape(vertical));
  }

  private String close() {
    return svg.append("</svg>\n").toString();
  }

  private void mark(double at) {
    if (x.place(at) < 0 || x.place(at) > 1) {
      return;
    }
    add(
        "<line class=\"mark\" x1=\"%1$s\" x2=\"%1$s\" y1=\"%2$s\" y2=\"%3$s\"><title>%4$s</title></line>",
        number(left(at)), number(TOP), number(HEIGHT - BOTTOM), "kept: step " + x.label(at));
  }

  private void diagonal() {
    double from = Math.max(x.start(), y.start());
    double to = Math.min(x.values().get(x.ticks() - 1), y.values().get(y.ticks() - 1));
    if (to > from) {
      add(
          "<line class=\"mark\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>",
          number(left(from)), number(top(from)), number(left(to)), number(top(to)));
    }
  }

  private void line(Series one, int colour) {
    List<Point> points = thinned(one.points());
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (Point point : points) {
      if (point.isFinite()) {
        path.append(pen ? 'L' : 'M')
            .append(number(left(point.x())))
            .append(' ')
            .append(number(top(point.y())));
      }
      pen = point.isFinite();
    }
    add("<path class=\"line c%d\" d=\"%s\"/>", colour, path.toString());
    String dot = (points.size() > MOST_DOTS ? "hit c" : "dot c") + colour;
    for (Point point : points) {
      if (point.isFinite()) {
        circle(dot, points.size() > MOST_DOTS ? 5 : 3, point);
      }
    }
  }

  private void circle(String styles, double radius, Point point) {
    add(
        "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>",
        styles,
        number(left(point.x())),
        number(top(point.y())),
        number(radius),
        Html.escape(point.title()));
  }

  /** The lowest and the highest point of each of many stretches: peaks stay. */
  static List<Point> thinned(List<Point> points) {
    if (points.size() <= MOST_POINTS) {
      return points;
    }
    List<Point> kept = new ArrayList<>();
    int stretches = MOST_POINTS / 2;
    for (int i = 0; i < stretches; i++) {
      int from = (int) ((long) i * points.size() / stretches);
      int to = (int) ((long) (i + 1) * points.size() / stretches);
      int low = from;
      int high = from;
      for (int j = from; j < to; j++) {
        low = points.get(j).y() < points.get(low).y() ? j : low;
        high = points.get(j).y() > points.get(high).y() ? j : high;
      }
      kept.add(points.get(Math.min(low, high)));
      if (low != high) {
        kept.add(points.get(Math.max(low, high)));
      }
    }
    return kept;
  }

  private double left(double value) {
    return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
  }

  private double top(double value) {
    return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  /** A coordinate to a tenth of a pixel. */
  private static String number(double value) {
    double tenths = Math.rint(value * 10) / 10;
    return tenths == Math.rint(tenths) ? Long.toString((long) tenths) : Double.toString(tenths);
  }
}
