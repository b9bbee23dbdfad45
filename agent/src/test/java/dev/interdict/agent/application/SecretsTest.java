package dev.interdict.agent.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SecretsTest {
  private final Secrets secrets = new Secrets();

  private String command(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    secrets.maskCommand(bytes, 0, bytes.length);
    return new String(secrets.text(), 0, secrets.length(), StandardCharsets.UTF_8);
  }

  private String head(String lines) {
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    secrets.maskHead(bytes, 0, bytes.length);
    return new String(secrets.text(), 0, secrets.length(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "mysql -u root -pS3cr3t! shop ~ mysql -u root -p*** shop",
        "mysql -h db -p hunter2 shop ~ mysql -h db -p *** shop",
        "/usr/bin/mysqldump -p'two words' shop ~ /usr/bin/mysqldump -p'***' shop",
        "mysql --password hunter2 ~ mysql --password ***",
        "mysql --password=hunter2 -e 'select 1' ~ mysql --password=*** -e 'select 1'",
        "ls; sshpass -p hunter2 ssh root@10.0.0.1 ~ ls; sshpass -p *** ssh root@10.0.0.1",
        "mysql -e x; mkdir -p /tmp/a ~ mysql -e x; mkdir -p /tmp/a",
        "redis-cli -a hunter2 ping ~ redis-cli -a *** ping",
        "docker login -u me -p hunter2 ~ docker login -u me -p ***",
        "docker run -p 80:80 nginx ~ docker run -p 80:80 nginx",
        "curl -u root:hunter2 https://a/ ~ curl -u *** https://a/",
        "curl https://root:hunter2@a.example/x?y=1 ~ curl https://root:***@a.example/x?y=1",
        "curl 'https://a/x?y=1&token=abc&z=2' ~ curl 'https://a/x?y=1&token=***&z=2'",
        "curl -H 'Authorization: Bearer abc.def ghi' https://a/ ~"
            + " curl -H 'Authorization: ***' https://a/",
        "curl -H \"X-Api-Key: abc\" https://a/ ~ curl -H \"X-Api-Key: ***\" https://a/",
        "curl -d '{\"user\":\"me\",\"password\":\"a b\",\"n\":1}' https://a/ ~"
            + " curl -d '{\"user\":\"me\",\"password\":\"***\",\"n\":1}' https://a/",
        "export AWS_SECRET_ACCESS_KEY=wJalr/XUtn+FEMI ~ export AWS_SECRET_ACCESS_KEY=***",
        "AWS_SECRET_ACCESS_KEY='a b' DB_PASS=x env ~ AWS_SECRET_ACCESS_KEY='***' DB_PASS=*** env",
        "password=ab\"c d\"e,f next ~ password=*** next",
        "password=ab\\ cd next ~ password=*** next",
        "vault write secret/x value=1 ~ vault write secret/x value=1",
        "vault login --token hvs.x ~ vault login --token ***",
        "gh auth login --with-token ~ gh auth login --with-token",
        "echo ghp_0123456789abcdefghij ~ echo ***",
        "git clone https://0123456789abcdef0123@github.com/a/b ~"
            + " git clone https://***@github.com/a/b",
        "git clone ssh://git@github.com/a/b ~ git clone ssh://git@github.com/a/b",
        "echo Bearer abc ~ echo Bearer ***",
        "cd $PWD && PWD=/tmp OLDPWD=/x make ~ cd $PWD && PWD=/tmp OLDPWD=/x make",
        "passwd root ~ passwd root",
        "cat /etc/passwd | sort -k 2 ~ cat /etc/passwd | sort -k 2",
        "héllo --secret=ü ~ héllo --secret=***",
      })
  void shouldMaskWhatIsTyped(String line, String masked) {
    assertThat(command(line)).isEqualTo(masked);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "GET /a?password=x&b=1&access_token=y HTTP/1.1 ~"
            + " GET /a?password=***&b=1&access_token=*** HTTP/1.1",
        "GET /a?X-Amz-Signature=abc&key=k&sig=s;x HTTP/1.1 ~"
            + " GET /a?X-Amz-Signature=***&key=***&sig=***;x HTTP/1.1",
        "GET /a?next=%2Fb%3Ftoken%3Dabc HTTP/1.1 ~ GET /a?next=%2Fb%3Ftoken%3D*** HTTP/1.1",
        "Authorization: Basic cm9vdDpodW50ZXIy ~ Authorization: ***",
        "Proxy-Authorization:Digest username=\"u\", response=\"x y\" ~ Proxy-Authorization:***",
        "Cookie: a=b; sid=c ~ Cookie: ***",
        "Set-Cookie: id=c; HttpOnly ~ Set-Cookie: ***",
        "X-Api-Key: abc ~ X-Api-Key: ***",
        "X-Vault-Token: abc ~ X-Vault-Token: ***",
        "Client-Secret: abc ~ Client-Secret: ***",
        "Location: https://u:p@h/cb?code=1&id_token=z ~ Location: https://u:***@h/cb?code=1&id_token=***",
        "Content-Type: text/html ~ Content-Type: text/html",
        "User-Agent: curl/7.88.1 ~ User-Agent: curl/7.88.1",
      })
  void shouldMaskAHead(String lines, String masked) {
    assertThat(head(lines)).isEqualTo(masked);
  }

  @Test
  void shouldMaskEachHeaderByItself() {
    assertThat(head("GET / HTTP/1.1\r\nCookie: a b\r\nHost: shop\r\nAuthorization: Bearer x\r\n"))
        .isEqualTo("GET / HTTP/1.1\r\nCookie: ***\r\nHost: shop\r\nAuthorization: ***\r\n");
  }

  @Test
  void shouldMaskAValueThatWasCutOff() {
    assertThat(head("GET /?token=abcdef")).isEqualTo("GET /?token=***");
    assertThat(head("GET / HTTP/1.1\r\nAuthorization: Be"))
        .isEqualTo("GET / HTTP/1.1\r\nAuthorization: ***");
    assertThat(command("mysql -p'unfinished business")).isEqualTo("mysql -p'***");
  }

  @Test
  void shouldSurviveAnyBytes() {
    java.util.Random random = new java.util.Random(1);
    byte[] alphabet = "password=:'\"\\ -p@/&;mysql%3D\r\n\u00fc".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 20_000; i++) {
      byte[] line = new byte[random.nextInt(60)];
      for (int j = 0; j < line.length; j++) {
        line[j] = alphabet[random.nextInt(alphabet.length)];
      }
      secrets.maskCommand(line, 0, line.length);
      assertThat(secrets.length()).isLessThanOrEqualTo(4 * line.length + 16);
      secrets.maskHead(line, 0, line.length);
    }
  }
}
