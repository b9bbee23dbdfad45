package dev.interdict.cli;

import dev.interdict.agent.kernel.UnsupportedKernelException;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One line for a failure that was to be expected, a stack trace for one that was not. */
final class FailureReport implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult parseResult) {
    var err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    if (failure instanceof CommandFailure expected) {
      err.println(name + ": " + expected.getMessage());
      return expected.exitCode();
    }
    if (failure instanceof UnsupportedKernelException) {
      err.println(name + ": " + failure.getMessage());
      return ExitCode.UNSUPPORTED;
    }
    if (failure instanceof IOException) {
      err.println(name + ": " + failure.getClass().getSimpleName() + ": " + failure.getMessage());
      return ExitCode.FAILED;
    }
    failure.printStackTrace(err);
    return ExitCode.FAILED;
  }
}
