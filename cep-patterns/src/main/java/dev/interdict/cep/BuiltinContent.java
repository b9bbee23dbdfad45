package dev.interdict.cep;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** The rule files packed with this module. */
final class BuiltinContent {
  private static final String ROOT = "dev/interdict/content";

  private BuiltinContent() {}

  static List<RuleFile> files() {
    URL root = BuiltinContent.class.getClassLoader().getResource(ROOT + "/rules");
    if (root == null) {
      throw new IllegalStateException("this build has no content at " + ROOT);
    }
    try {
      return root.getProtocol().equals("jar") ? fromJar(root) : fromDirectory(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<RuleFile> fromDirectory(URL root) throws IOException {
    Path directory;
    try {
      directory = Path.of(new URI(root.toString())).getParent();
    } catch (URISyntaxException e) {
      throw new IOException("invalid content root " + root, e);
    }
    List<RuleFile> files = new ArrayList<>();
    for (RuleFile file : RuleSet.files(directory)) {
      String name = directory.relativize(Path.of(file.name())).toString();
      files.add(new RuleFile("content/" + name, file.text()));
    }
    return files;
  }

  private static List<RuleFile> fromJar(URL root) throws IOException {
    JarURLConnection connection = (JarURLConnection) root.openConnection();
    connection.setUseCaches(false);
    List<RuleFile> files = new ArrayList<>();
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry :
          jar.stream().sorted((a, b) -> a.getName().compareTo(b.getName())).toList()) {
        if (entry.getName().startsWith(ROOT + "/") && entry.getName().endsWith(".yml")) {
          try (InputStream in = jar.getInputStream(entry)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            files.add(
                new RuleFile("content/" + entry.getName().substring(ROOT.length() + 1), text));
          }
        }
      }
    }
    return files;
  }
}
