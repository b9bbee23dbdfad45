package dev.interdict.agent.command;

/**
 * Which cgroups an agent may touch: those at or below a path, or, where the path ends in {@code *},
 * those whose path begins so.
 *
 * @param text as given, {@code /} for the whole host
 */
public record CgroupScope(String text) {
  private static final int MAX_LENGTH = 4096;
  public static final CgroupScope HOST = new CgroupScope("/");

  public CgroupScope {
    if (!text.startsWith("/")
        || text.length() > MAX_LENGTH
        || text.contains("//")
        || (text.length() > 1 && text.endsWith("/"))
        || (text + "/").contains("/./")
        || (text + "/").contains("/../")
        || text.chars().anyMatch(Character::isISOControl)
        || text.indexOf('*') != -1 && text.indexOf('*') != text.length() - 1) {
      throw new IllegalArgumentException(
          "invalid cgroup scope="
              + text
              + " expected a path from /, or the beginning of one and *");
    }
  }

  public boolean covers(String cgroup) {
    String head = head();
    return isOpen()
        ? cgroup.startsWith(head)
        : head.equals("/") || cgroup.equals(head) || cgroup.startsWith(head + "/");
  }

  /** Whether a cgroup may be in both. */
  public boolean overlaps(CgroupScope other) {
    return covers(other.head()) || other.covers(head());
  }

  private boolean isOpen() {
    return text.endsWith("*");
  }

  private String head() {
    return isOpen() ? text.substring(0, text.length() - 1) : text;
  }
}
