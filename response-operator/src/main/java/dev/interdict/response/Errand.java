package dev.interdict.response;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** One command on its way to a node: sent, sent again, answered. The responder's thread only. */
final class Errand {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final String id;
  private final boolean release;
  private final int step;
  private final List<CompletableFuture<ContainmentRecord>> asked = new ArrayList<>();
  private Duration pause = FIRST_PAUSE;
  private Future<?> timer;
  private boolean underWay;
  private int attempts;
  private long epoch;
  private long expiry;

  /**
   * @param id of the containment
   * @param step its place among those after the containment; -1: the containment or its release
   */
  Errand(String id, boolean release, int step) {
    this.id = id;
    this.release = release;
    this.step = step;
  }

  String id() {
    return id;
  }

  boolean release() {
    return release;
  }

  int step() {
    return step;
  }

  boolean isStep() {
    return step >= 0;
  }

  boolean isUnderWay() {
    return underWay;
  }

  /**
   * @return the number of this attempt
   */
  int sent(long toEpoch, long validUntil) {
    stop();
    underWay = true;
    epoch = toEpoch;
    expiry = validUntil;
    return ++attempts;
  }

  /** Not yet to be sent, whatever becomes of the node. */
  void hold() {
    underWay = true;
  }

  boolean isAnsweredBy(int attempt) {
    return underWay && attempt == attempts;
  }

  boolean isExpired(long now) {
    return now >= expiry;
  }

  /** False if the node has started anew since, or is away. */
  boolean wasSentTo(Long currentEpoch) {
    return currentEpoch != null && currentEpoch == epoch;
  }

  void rest(Future<?> next) {
    stop();
    underWay = false;
    timer = next;
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Before the next attempt; doubles each time. */
  Duration pause() {
    Duration now = pause;
    Duration doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    return now;
  }

  void ask(CompletableFuture<ContainmentRecord> future) {
    asked.add(future);
  }

  void complete(ContainmentRecord record) {
    asked.forEach(future -> future.complete(record));
  }

  void fail(ReleaseFailedException why) {
    asked.forEach(future -> future.completeExceptionally(why));
  }
}
