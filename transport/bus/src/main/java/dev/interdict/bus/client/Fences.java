package dev.interdict.bus.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which holder of a consumer's name is served: the one with the highest fence, and of equals the
 * latest, since it is the same holder on a new connection.
 */
final class Fences {
  private static final int MAX_NAMES = 4096;

  private record Holder(long fence, ServedStream stream) {}

  private final Map<String, Holder> holders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Holder> eldest) {
          return size() > MAX_NAMES && eldest.getValue().stream() == null;
        }
      };

  /** The stream that must end: the one before, the new one, or none. */
  synchronized ServedStream enter(String consumer, long fence, ServedStream stream) {
    Holder holder = holders.get(consumer);
    if (holder != null && Long.compareUnsigned(fence, holder.fence()) < 0) {
      return stream;
    }
    holders.put(consumer, new Holder(fence, stream));
    return holder == null ? null : holder.stream();
  }

  /** The number is remembered, so that an older holder cannot come back. */
  synchronized void leave(ServedStream stream) {
    holders.replaceAll(
        (consumer, holder) ->
            holder.stream() == stream ? new Holder(holder.fence(), null) : holder);
  }
}
