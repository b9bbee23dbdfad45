package dev.interdict.response;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the standing orders in the log, where a replay finds them. The responder's thread only. */
final class Orders {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);
  private static final Duration REPEATED = Duration.ofDays(1); // a replay looks back for days

  private final Agenda agenda;
  private final Book book;
  private final Courier courier;

  Orders(Agenda agenda, Book book, Courier courier) {
    this.agenda = agenda;
    this.book = book;
    this.courier = courier;
  }

  void started(List<String> policies) {
    Standing standing = book.ledger().standing().withPolicies(policies, book.now());
    if (standing.stopped()) {
      LOG.warn("nothing is acted upon: {}", standing.whyStopped());
    }
    book.ledger().put(standing);
    repeat();
  }

  void use(List<String> policies) {
    try {
      book.order(book.ledger().standing().withPolicies(policies, book.now()));
    } catch (IOException e) {
      LOG.error("the log does not take which policies are in force; they are", e);
    }
  }

  private void repeat() {
    try {
      book.order(book.ledger().standing());
    } catch (IOException e) {
      LOG.error("the log does not take the standing orders, tried again in a day", e);
    }
    Future<?> unused = agenda.later(REPEATED, this::repeat);
  }

  /** In force even where the log does not take it, which is then told. */
  Standing stop(String by, String reason) throws IOException {
    Standing standing = book.ledger().standing().stop(by, reason, book.now());
    try {
      book.order(standing);
    } finally {
      courier.stop();
    }
    return standing;
  }

  Standing resume(String by) throws IOException {
    LOG.info("resumed by {}", by);
    Standing standing = book.ledger().standing().resume();
    book.order(standing);
    return standing;
  }

  Standing arm(String rule, String by) throws IOException {
    Standing standing = book.ledger().standing();
    if (standing.whyDisarmed(rule) == null) {
      throw new IOException("rule " + rule + " is not disarmed");
    }
    LOG.info("rule {} armed by {}", rule, by);
    Standing armed = standing.arm(rule);
    book.order(armed);
    return armed;
  }
}
