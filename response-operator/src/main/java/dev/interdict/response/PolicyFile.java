package dev.interdict.response;

import dev.interdict.response.Match.Containers;
import dev.interdict.response.Match.Owner;
import dev.interdict.response.Policy.Actions;
import dev.interdict.response.Policy.Mode;
import dev.interdict.schema.Level;
import dev.interdict.schema.ResponseStep;
import dev.interdict.schema.ResponseStep.When;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Policies as YAML: one document each. The keys are described in docs/response.md. */
final class PolicyFile {
  static final int MAX_BYTES = 1 << 20;
  private static final int MAX_POLICIES = 1000;
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");
  private static final Pattern TECHNIQUE = Pattern.compile("T[0-9]{4}(\\.[0-9]{3})?");

  private PolicyFile() {}

  static List<Policy> parse(String file, String text) {
    if (text.length() > MAX_BYTES) {
      throw new InvalidPolicyException(
          file, 1, "invalid length=" + text.length() + " limit=" + MAX_BYTES);
    }
    List<Policy> policies = new ArrayList<>();
    try {
      Compose yaml = new Compose(LoadSettings.builder().setLabel(file).build());
      for (Node document : yaml.composeAllFromString(text)) {
        Policy policy = policy(new YamlMap(file, "", document));
        if (policies.stream().anyMatch(other -> other.name().equals(policy.name()))) {
          throw new InvalidPolicyException(
              file,
              document.getStartMark().map(mark -> mark.getLine() + 1).orElse(1),
              "a policy named " + policy.name() + " stands above");
        }
        policies.add(policy);
        if (policies.size() > MAX_POLICIES) {
          throw new InvalidPolicyException(file, 1, "more than limit=" + MAX_POLICIES);
        }
      }
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new InvalidPolicyException(file, line, "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new InvalidPolicyException(file, 1, "not YAML: " + e.getMessage());
    }
    if (policies.isEmpty()) {
      throw new InvalidPolicyException(file, 1, "no policy in it");
    }
    return policies;
  }

  private static Policy policy(YamlMap map) {
    String name = map.required("name");
    if (!NAME.matcher(name).matches()) {
      throw map.invalid("name", "1 to 63 of A-Z a-z 0-9 . _ -");
    }
    map.required("mode");
    Mode mode =
        switch (map.text("mode", "")) {
          case "observe" -> Mode.OBSERVE;
          case "dryrun" -> Mode.DRYRUN;
          case "enforce" -> Mode.ENFORCE;
          default -> throw map.invalid("mode", "observe, dryrun or enforce");
        };
    Policy policy =
        new Policy(
            name,
            mode,
            match(map.map("match")),
            actions(map.map("actions")),
            steps(map.maps("then", Steps.MAX)),
            PolicyRails.limits(map.map("limits")),
            PolicyRails.exempt(map.map("exempt")),
            PolicyRails.approval(map.map("approval")));
    map.end();
    if (mode != Mode.OBSERVE && !policy.actions().any()) {
      throw map.problem(
          "policy " + name + " has nothing to do: set actions.cut or actions.freeze to true");
    }
    return policy;
  }

  private static Match match(YamlMap map) {
    if (map == null) {
      return Match.ANY;
    }
    List<String> techniques = map.texts("techniques");
    for (String technique : techniques) {
      if (!TECHNIQUE.matcher(technique).matches()) {
        throw map.problem("invalid match.techniques=" + technique + " expected as in T1059.004");
      }
    }
    Match match =
        new Match(
            map.globs("rules"),
            level(map),
            map.number("score", 0, 0, 100),
            techniques,
            map.texts("responses"),
            containers(map.map("containers")),
            owner(map.map("owner")),
            map.flag("host"));
    map.end();
    return match;
  }

  private static Level level(YamlMap map) {
    return switch (map.text("level", "")) {
      case "" -> Level.LEVEL_UNSPECIFIED;
      case "informational" -> Level.INFORMATIONAL;
      case "low" -> Level.LOW;
      case "medium" -> Level.MEDIUM;
      case "high" -> Level.HIGH;
      case "critical" -> Level.CRITICAL;
      default -> throw map.invalid("level", "informational, low, medium, high or critical");
    };
  }

  private static List<ResponseStep> steps(List<YamlMap> maps) {
    List<ResponseStep> steps = new ArrayList<>();
    for (YamlMap map : maps) {
      map.required("do");
      StepKind kind = StepKind.named(map.text("do", ""));
      if (kind == null) {
        throw map.invalid("do", "one of " + StepKind.names());
      }
      When when =
          switch (map.text("when", "in-force")) {
            case "in-force" -> When.IN_FORCE;
            case "not-in-force" -> When.NOT_IN_FORCE;
            case "always" -> When.ALWAYS;
            default -> throw map.invalid("when", "in-force, not-in-force or always");
          };
      boolean keep = kind.undo() != StepKind.Undo.NEVER && map.flag("keep", false);
      steps.add(Steps.of(kind, when, level(map), kind.read(map), keep));
      map.end();
    }
    return List.copyOf(steps);
  }

  private static Containers containers(YamlMap map) {
    if (map == null) {
      return null;
    }
    Containers containers =
        new Containers(
            map.globs("name"),
            map.globs("image"),
            map.globs("runtime"),
            map.globs("namespace"),
            map.globs("pod"));
    map.end();
    return containers;
  }

  private static Owner owner(YamlMap map) {
    if (map == null) {
      return null;
    }
    YamlMap labels = map.map("labels");
    Owner owner =
        new Owner(
            map.globs("kind"),
            map.globs("name"),
            labels == null ? Map.of() : labels.allGlobs(),
            map.flag("stateful"));
    map.end();
    return owner;
  }

  private static Actions actions(YamlMap map) {
    if (map == null) {
      return Actions.NONE;
    }
    Actions actions =
        new Actions(
            map.flag("cut", false),
            map.flag("freeze", false),
            map.duration("ttl", Actions.NONE.ttl(), Duration.ofSeconds(1), WEEK));
    if (actions.ttl().toMillisPart() != 0) {
      throw map.invalid("ttl", "whole seconds");
    }
    map.end();
    return actions;
  }
}
