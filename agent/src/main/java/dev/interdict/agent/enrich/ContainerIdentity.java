package dev.interdict.agent.enrich;

/** What a container is called; whatever could not be learned is null, {@code id} never. */
public record ContainerIdentity(
    String id, String name, String image, String pod, String namespace, String runtime) {}
