#!/bin/sh
# A C project with a configure script, a Java project and a Python one, built below a home and below /tmp.
case $1 in
  prepare)
    for tool in gcc make javac python3; do
      command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
    done
    mkdir -p /root/src/c /root/src/java/app /root/src/python/app
    cd /root/src/c || exit 1
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
      printf '#include <stdio.h>\n#include <string.h>\nint unit%d(int n) { char b[64]; snprintf(b, 64, "%%d", n); return (int)strlen(b) + %d; }\n' \
        $i $i > unit$i.c
    done
    { for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "int unit$i(int);"; done
      echo '#include <stdio.h>'
      echo 'int main(void) { int s = 0;'
      for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "s += unit$i($i);"; done
      printf '%s\n' 'printf("%d ", s); return 0; }'; } > main.c
    cat > Makefile <<'MAKE'
OBJECTS = $(patsubst %.c,%.o,$(wildcard *.c))
program: $(OBJECTS)
	$(CC) -o $@ $(OBJECTS)
check: program
	./program > /dev/null
install: program
	install -D -m 755 program $(DESTDIR)/usr/local/bin/program
clean:
	rm -f *.o program
MAKE
    cat > configure <<'CONFIGURE'
#!/bin/sh
# As autoconf does: small programs are compiled and run.
uname -m; uname -s; hostname
for header in stdio.h stdlib.h sys/epoll.h none.h; do
  printf '#include <%s>\nint main(void) { return 0; }\n' $header > conftest.c
  if ${CC:-gcc} -o conftest conftest.c 2> /dev/null && ./conftest; then echo "$header yes"; else echo "$header no"; fi
  rm -f conftest conftest.c
done > config.log
CONFIGURE
    chmod 755 configure
    cd ../java/app || exit 1
    for i in 1 2 3 4 5 6 7 8; do
      printf 'package app;\nfinal class Unit%d { int value(int n) { return n * %d; } }\n' $i $i > Unit$i.java
    done
    printf 'package app;\npublic class Main { public static void main(String[] a) { System.out.println(new Unit1().value(7)); } }\n' > Main.java
    cd ../../python/app || exit 1
    printf 'import json\ndef f(x):\n    return json.dumps({"x": x})\n' > mod.py
    printf 'import unittest, mod\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertIn("1", mod.f(1))\n' > test_mod.py
    ;;
  work)
    set -e
    for folder in /root/src/c /tmp/build; do
      [ -d $folder ] || cp -r /root/src/c $folder
      cd $folder
      ./configure
      make -s -j2
      make -s check
      make -s install DESTDIR=/tmp/stage
      make -s clean
    done
    cd /root/src/java
    javac -d out app/*.java
    jar cf app.jar -C out .
    java -cp app.jar app.Main
    cd /root/src/python
    python3 -m compileall -q app
    cd app
    python3 -m unittest -q test_mod
    if command -v go > /dev/null; then
      mkdir -p /root/src/go && cd /root/src/go
      printf 'module example.org/app\ngo 1.20\n' > go.mod
      printf 'package main\nimport "fmt"\nfunc main() { fmt.Println("go") }\n' > main.go
      printf 'package main\nimport "testing"\nfunc TestIt(t *testing.T) {}\n' > main_test.go
      go run .
      go test ./...
    fi
    tar czf /tmp/release.tgz -C /tmp/stage .
    ;;
esac
