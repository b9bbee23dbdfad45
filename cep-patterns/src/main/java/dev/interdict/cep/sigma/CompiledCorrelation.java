package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Count;
import dev.interdict.cep.Described;
import dev.interdict.cep.Sequence;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.List;
import java.util.Map;

/**
 * A correlation or sequence as others refer to it: it is hit by the event that completes it.
 *
 * @param last of which any may complete it
 */
record CompiledCorrelation(Described correlation, List<Part> last) implements Part {
  CompiledCorrelation {
    last = List.copyOf(last);
  }

  CompiledCorrelation withAlerts(boolean alerts) {
    Described changed;
    if (correlation instanceof Sequence old) {
      changed =
          new Sequence(old.index(), old.hit(), old.about(), old.steps(), old.within(), alerts);
    } else {
      Count old = (Count) correlation;
      changed =
          new Count(
              old.index(),
              old.hit(),
              old.about(),
              old.measure(),
              old.percentile(),
              old.parts(),
              old.threshold(),
              old.within(),
              alerts);
    }
    return new CompiledCorrelation(changed, last);
  }

  @Override
  public int hit() {
    return correlation instanceof Sequence sequence ? sequence.hit() : ((Count) correlation).hit();
  }

  @Override
  public About about() {
    return correlation.about();
  }

  @Override
  public void addFields(String name, Map<Kind, Field> fields) {
    last.forEach(part -> part.addFields(name, fields));
  }
}
