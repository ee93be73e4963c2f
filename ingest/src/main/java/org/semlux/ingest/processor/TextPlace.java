package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.elasticsearch.ingest.IngestDocument;

/**
 * A place in a document where a text may be: fields of objects in an array are one place each.
 *
 * @param value what is there; null where nothing is
 * @param anchor the object below which the encoding is written: the array's element, if the path of
 *     the text runs through an array
 * @param output path of the encoding, from there
 */
record TextPlace(Object value, Map<String, Object> anchor, String output) {
  private static final String SOURCE = "_source.";
  private static final String INGEST = "_ingest."; // such as _ingest._value in a foreach processor

  /**
   * All places of a field.
   *
   * @throws IllegalArgumentException where an array cannot be followed
   */
  static List<TextPlace> of(IngestDocument document, InputOutput field) {
    Search search = new Search(field, new ArrayList<>());
    search.find(
        root(document, field.inputField()),
        bare(field.inputField()),
        root(document, field.outputField()),
        bare(field.outputField()));
    return search.found;
  }

  private static Map<String, Object> root(IngestDocument document, String path) {
    return path.startsWith(INGEST) ? document.getIngestMetadata() : document.getSource();
  }

  /**
   * Whether a path is a name in a loop's metadata, such as {@code _ingest._value} itself: what lies
   * beside it was left by the element before.
   */
  static boolean isOfALoop(String path) {
    return path.startsWith(INGEST) && path.indexOf('.', INGEST.length()) < 0;
  }

  /** The path within its document. */
  static String bare(String path) {
    if (path.startsWith(INGEST)) {
      return path.substring(INGEST.length());
    }
    return withoutSource(path);
  }

  /** The one name of a place in the document, which may be written in two ways. */
  static String withoutSource(String path) {
    return path.startsWith(SOURCE) ? path.substring(SOURCE.length()) : path;
  }

  private record Search(InputOutput field, List<TextPlace> found) {
    void find(Map<String, Object> object, String path, Map<String, Object> anchor, String output) {
      if (object.containsKey(path)) {
        found.add(new TextPlace(object.get(path), anchor, output));
        return;
      }
      for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
        String name = path.substring(0, dot);
        Object child = object.get(name);
        boolean together = anchor == object && output.startsWith(name + ".");
        String rest = path.substring(dot + 1);
        if (child instanceof Map) {
          Map<String, Object> below = FieldPath.object(child);
          if (together) {
            find(below, rest, below, output.substring(name.length() + 1));
          } else {
            find(below, rest, anchor, output);
          }
          return;
        }
        if (child instanceof List<?> elements) {
          if (!together) {
            throw new IllegalArgumentException(
                "field [%s] runs through the array [%s]: its output_field [%s] must lie in that array too"
                    .formatted(field.inputField(), name, field.outputField()));
          }
          findIn(elements, name, rest, output.substring(name.length() + 1));
          return;
        }
      }
      found.add(new TextPlace(null, anchor, output));
    }

    private void findIn(List<?> elements, String name, String rest, String output) {
      for (Object element : elements) {
        if (element == null) {
          continue; // Elasticsearch's own fields pass over it
        }
        if (element
            instanceof List<?> inner) { // to Elasticsearch an array in an array is one array
          findIn(inner, name, rest, output);
          continue;
        }
        if (!(element instanceof Map)) {
          throw new IllegalArgumentException(
              "field [%s] runs through the array [%s], which must hold objects, but holds [%s]"
                  .formatted(field.inputField(), name, element));
        }
        Map<String, Object> object = FieldPath.object(element);
        find(object, rest, object, output);
      }
    }
  }
}
