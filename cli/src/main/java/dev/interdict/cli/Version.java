package dev.interdict.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that Maven wrote into this build. */
public final class Version implements IVersionProvider {
  public static String current() {
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IOException("version.properties is not in the jar");
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the version of this build", e);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "interdict " + current(),
      "java " + Runtime.version(),
      "os " + System.getProperty("os.version")
    };
  }
}
