package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Connection;
import dev.interdict.bus.wire.Message;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Questions passed on to one peer. Each is answered exactly once: by the peer, the clock or the
 * end.
 */
final class Exchanges {
  private static final int LIMIT = 1024;

  private final Connection answerer;
  private final AtomicInteger streams;
  private final Map<Integer, Exchange> open = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Exchanges(Connection answerer, AtomicInteger streams) {
    this.answerer = answerer;
    this.streams = streams;
  }

  /** Takes over the question. */
  void ask(ByteBuf question, Connection asker, Duration limit, Function<String, ByteBuf> failure) {
    int askerStream = Message.stream(question);
    if (open.size() >= LIMIT) {
      question.release();
      asker.writeAndFlush(
          failure.apply(answerer.peer() + " has " + LIMIT + " unanswered requests, the limit"));
      return;
    }
    int stream = streams.addAndGet(2);
    Exchange exchange =
        new Exchange(
            asker,
            askerStream,
            failure,
            answerer
                .channel()
                .eventLoop()
                .schedule(
                    () ->
                        fail(
                            stream,
                            "no answer from "
                                + answerer.peer()
                                + " within "
                                + limit.toMillis()
                                + " ms"),
                    limit.toMillis(),
                    TimeUnit.MILLISECONDS));
    open.put(stream, exchange);
    Message.setStream(question, stream);
    answerer.writeAndFlush(question);
    if (closed) {
      fail(stream, answerer.peer() + " disconnected");
    }
  }

  void answered(ByteBuf answer) {
    Exchange exchange = open.remove(Message.stream(answer));
    if (exchange == null) {
      return; // came after its time was up: the asker has been told
    }
    exchange.timeout().cancel(false);
    Message.setStream(answer, exchange.askerStream());
    exchange.asker().writeAndFlush(answer.retain());
  }

  void close() {
    closed = true;
    for (Integer stream : open.keySet()) {
      fail(stream, answerer.peer() + " disconnected");
    }
  }

  private void fail(int stream, String why) {
    Exchange exchange = open.remove(stream);
    if (exchange != null) {
      exchange.timeout().cancel(false);
      exchange.asker().writeAndFlush(exchange.failure().apply(why));
    }
  }
}
