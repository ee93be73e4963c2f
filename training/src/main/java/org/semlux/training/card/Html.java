package org.semlux.training.card;

import java.util.List;

/** Small parts of a page. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A table; cells are escaped. Those of {@code strong} rows stand out. */
  static String table(List<String> header, List<List<String>> rows, List<Integer> strong) {
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table>\n");
    if (!header.isEmpty()) {
      html.append("<thead>").append(row(header, "th", "")).append("</thead>\n");
    }
    html.append("<tbody>\n");
    for (int i = 0; i < rows.size(); i++) {
      html.append(row(rows.get(i), "td", strong.contains(i) ? " class=\"strong\"" : ""));
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String row(List<String> cells, String tag, String attributes) {
    StringBuilder html = new StringBuilder("<tr" + attributes + ">");
    for (String cell : cells) {
      html.append('<')
          .append(tag)
          .append('>')
          .append(escape(cell))
          .append("</")
          .append(tag)
          .append('>');
    }
    return html.append("</tr>\n").toString();
  }
}
