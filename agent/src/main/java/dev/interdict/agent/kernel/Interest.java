package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.ContainerIdentity;
import java.util.function.Predicate;

/**
 * What somebody wants to be observed, beyond what the sensor's configuration says.
 *
 * @param kinds their bits
 * @param containers where; null: everywhere, the host included
 * @param distinct bits of the kinds of which each observation is wanted by itself
 */
public record Interest(long kinds, Predicate<ContainerIdentity> containers, long distinct) {}
