package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Connection;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Function;

/**
 * A question that was passed on and waits for its answer.
 *
 * @param failure makes the answer that stands for none, with the reason in it
 */
record Exchange(
    Connection asker,
    int askerStream,
    Function<String, ByteBuf> failure,
    ScheduledFuture<?> timeout) {}
