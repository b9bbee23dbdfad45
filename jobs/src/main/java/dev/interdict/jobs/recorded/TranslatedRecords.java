package dev.interdict.jobs.recorded;

import dev.interdict.jobs.source.NodeEvent;
import java.io.IOException;

/** A recording whose records have to be translated, each into no, one or more events of ours. */
abstract class TranslatedRecords implements RecordedEvents {
  final Emitter emitter = new Emitter();

  /** Hands the next record to the emitter, whatever comes of it; false at the end. */
  abstract boolean advance() throws IOException;

  @Override
  public final NodeEvent next() throws IOException {
    NodeEvent event = emitter.poll();
    while (event == null) {
      boolean more = advance();
      event = emitter.poll();
      if (!more) {
        break;
      }
    }
    return event;
  }

  @Override
  public final long records() {
    return emitter.records();
  }

  @Override
  public final long ignored() {
    return emitter.ignored();
  }

  @Override
  public final long gaps() {
    return emitter.gaps();
  }
}
