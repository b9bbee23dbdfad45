package dev.interdict.bus.backplane;

/**
 * A connected client as of now.
 *
 * @param name as in a node's status: certificate id and the name given in Hello
 * @param queuedBytes that wait here for it
 * @param credit bytes that nodes may still send to it
 */
public record ClientState(String name, int streams, long queuedBytes, long credit) {}
