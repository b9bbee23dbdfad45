#!/bin/sh
# A job as a CI runner runs it: a script that was just written checks out, installs, tests, packs and uploads.
case $1 in
  prepare)
    for tool in git python3 curl; do
      command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
    done
    mkdir -p /srv/origin && cd /srv/origin || exit 1
    git init -q . && git config user.email ci@example.org && git config user.name ci
    printf '{"name":"app","version":"1.0.0","scripts":{"test":"node test.js","build":"node -e 0"},"dependencies":{"left-pad":"1.3.0"},"devDependencies":{"esbuild":"0.25.0"}}\n' > package.json
    printf 'require("left-pad")("1", 3); require("child_process").execSync("uname -m; git --version", {stdio: "pipe"})\n' > test.js
    printf 'requests==2.32.3\n' > requirements.txt
    git add -A && git commit -q -m "first"
    ;;
  work)
    mkdir -p /builds/shop && cd /builds/shop || exit 1
    cat > /tmp/job.sh <<'JOB'
set -e
export CI=true GIT_SSH_COMMAND="ssh -o StrictHostKeyChecking=no"
git clone -q --depth 1 file:///srv/origin app
cd app
git log -1 --format=%H
if command -v npm > /dev/null; then npm install --no-audit --no-fund --silent && npm test --silent && npm run build --silent; fi
python3 -m venv venv
./venv/bin/pip install -q -r requirements.txt || true
./venv/bin/python -c 'import sys; print(sys.version)'
printf '#!/bin/sh\nset -e\nwhoami; id -u; uname -a; env | sort > env.txt\n' > step.sh
chmod +x step.sh
./step.sh
tar czf ../app.tgz .
sha256sum ../app.tgz
python3 -m http.server --bind 127.0.0.1 0 > server.log 2>&1 &
server=$!
sleep 1
curl -s --retry 3 --retry-connrefused -o /dev/null "http://127.0.0.1:1/" || true
kill $server
JOB
    chmod 700 /tmp/job.sh
    bash /tmp/job.sh
    status=$?
    rm -rf /tmp/job.sh /builds/shop
    exit $status
    ;;
esac
