package dev.interdict.agent.enrich;

/**
 * How far a container is kept apart from its host.
 *
 * @param capabilities its bounding set, as "net_raw,sys_admin"
 * @param mounts sensitive paths of the host, joined by a comma
 * @param sharedNamespaces with the host, joined by a comma
 */
public record Confinement(
    boolean privileged, String capabilities, String mounts, String sharedNamespaces) {}
