package dev.interdict.cep;

import dev.interdict.schema.Level;
import java.io.Serializable;
import java.util.List;

/**
 * What a file says about a rule, a correlation or a sequence.
 *
 * @param name how others may refer to it besides the id; empty if it has none
 * @param tags as written, lower case
 * @param techniques ATT&amp;CK ids among the tags, such as {@code T1059.004}
 */
public record About(
    String id,
    String name,
    String title,
    String description,
    String author,
    Level level,
    List<String> tags,
    List<String> techniques,
    Location location)
    implements Serializable {

  public About {
    tags = List.copyOf(tags);
    techniques = List.copyOf(techniques);
  }
}
