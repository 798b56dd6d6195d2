package dev.plumbline.alignment.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Plumbline. The build copies it from the POM into a resource. */
public final class Version {
  private Version() {}

  /** Returns the version, such as {@code 0.1.0}. */
  public static String current() {
    try (InputStream in = Version.class.getResourceAsStream("/plumbline.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("The resource plumbline.properties could not be read.", e);
    }
  }
}
