package dev.interdict.cli;

/** What a command's exit code says. */
public final class ExitCode {
  public static final int OK = 0;

  /**
   * The command ran and what it looked for is not so: damage found, a check failed, a step of the
   * demo missing.
   */
  public static final int FAILED = 1;

  /** Bad arguments or bad input; also picocli's own code for a usage error. */
  public static final int USAGE = 2;

  /** This machine lacks what the command needs: root, BTF, a capability. */
  public static final int UNSUPPORTED = 3;

  private ExitCode() {}
}
