package dev.plumbline.alignment.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Plumbline. The build copies it from the POM and from git into a resource. */
public final class Version {
  private Version() {}

  /** Returns the version, such as {@code 0.1.0}. */
  public static String current() {
    return properties().getProperty("version");
  }

  /**
   * Returns the version with the commit that was built, such as {@code 0.1.0, commit 3780ef4};
   * without it where the sources came without git.
   */
  public static String withCommit() {
    Properties built = properties();
    String commit = built.getProperty("commit");
    return commit.startsWith("${")
        ? current()
        : current()
            + ", commit "
            + commit
            + (built.getProperty("dirty").equals("true") ? " with uncommitted changes" : "");
  }

  private static Properties properties() {
    try (InputStream in = Version.class.getResourceAsStream("/plumbline.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException("The resource plumbline.properties could not be read.", e);
    }
  }
}
