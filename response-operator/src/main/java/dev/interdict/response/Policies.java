package dev.interdict.response;

import dev.interdict.schema.Alert;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The policies in force, in the order in which they are tried: the first that matches decides. */
public final class Policies {
  private final List<Policy> policies;

  private Policies(List<Policy> policies) {
    this.policies = List.copyOf(policies);
  }

  /**
   * @throws InvalidPolicyException naming file and line
   */
  public static Policies load(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in);
    }
  }

  /**
   * @param name what messages call the text
   * @throws InvalidPolicyException naming the line
   */
  public static Policies parse(String name, String text) {
    return new Policies(PolicyFile.parse(name, text));
  }

  /** What is in force where nobody has chosen: it tells, and touches nothing. */
  public static Policies observing() {
    return shipped("observe.yaml");
  }

  /** Cuts and freezes containers for what is of high level. */
  public static Policies enforcingContainers() {
    return shipped("enforce-containers.yaml");
  }

  /** What can be taken, and is probably not meant. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    String everything = null;
    for (Policy policy : policies) {
      if (everything != null) {
        warnings.add(
            "policy %s is never reached: %s above matches everything"
                .formatted(policy.name(), everything));
      } else if (policy.match().equals(Match.ANY)) {
        everything = policy.name();
      }
    }
    return warnings;
  }

  /** To begin with: dry runs for each kind of workload. */
  public static Policies starter() {
    return shipped("starter.yaml");
  }

  /** These, and where none of them matches, the others. */
  public Policies before(Policies others) {
    List<Policy> all = new ArrayList<>(policies);
    all.addAll(others.policies);
    return new Policies(all);
  }

  /** What any of them has done, by the orchestrator or a node. */
  public Set<StepKind> stepKinds() {
    Set<StepKind> kinds = EnumSet.noneOf(StepKind.class);
    policies.forEach(policy -> policy.steps().forEach(step -> kinds.add(StepKind.of(step))));
    return kinds;
  }

  public List<String> names() {
    return policies.stream().map(Policy::name).toList();
  }

  /** The same, as if each enforced that has something to do. */
  Policies enforcing() {
    return new Policies(
        policies.stream().map(each -> each.actions().any() ? each.enforcing() : each).toList());
  }

  /** Null if there is none. */
  Policy named(String name) {
    for (Policy policy : policies) {
      if (policy.name().equals(name)) {
        return policy;
      }
    }
    return null;
  }

  /** Null if none matches. */
  Policy first(Alert alert, Workload workload) {
    for (Policy policy : policies) {
      if (policy.match().matches(alert, workload)) {
        return policy;
      }
    }
    return null;
  }

  private static Policies shipped(String name) {
    try (InputStream in = Policies.class.getResourceAsStream("/policies/" + name)) {
      if (in == null) {
        throw new IOException("policies/" + name + " is not in the jar");
      }
      return read(name, in);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read a policy of this build", e);
    }
  }

  private static Policies read(String name, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(PolicyFile.MAX_BYTES + 1);
    try {
      return parse(
          name, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new InvalidPolicyException(name, 1, "not UTF-8");
    }
  }
}
