#!/bin/sh
# Administration of a host over ssh: looking, editing, copying, sudo, packages, accounts, jobs.
export DEBIAN_FRONTEND=noninteractive
port=2222
case $1 in
  prepare)
    command -v apt-get > /dev/null || { echo "no apt-get"; exit 77; }
    if ! command -v sshd > /dev/null || ! command -v sudo > /dev/null || ! command -v cron > /dev/null; then
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends openssh-server sudo cron nginx-light; } > /dev/null 2>&1 ||
        { echo "openssh-server cannot be installed"; exit 77; }
    fi
    mkdir -p /run/sshd /root/.ssh
    rm -f /tmp/ops
    ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/ops
    useradd -m -s /bin/bash ops
    mkdir -p /home/ops/.ssh
    cp /root/.ssh/ops.pub /home/ops/.ssh/authorized_keys
    chown -R ops: /home/ops/.ssh
    chmod 700 /home/ops/.ssh
    echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops
    ;;
  serve)
    exec /usr/sbin/sshd -D -p $port -o ListenAddress=127.0.0.1
    ;;
  work)
    sleep 3
    options="-i /root/.ssh/ops -p $port -o StrictHostKeyChecking=accept-new -o BatchMode=yes -q"
    on() { ssh $options ops@127.0.0.1 "$@"; }
    on 'uptime; df -h; free -m; ps aux | head; id; hostname; last | head -3; w'
    on 'tail -n 20 /var/log/dpkg.log; sudo tail -n 5 /var/log/apt/history.log; ls -la /etc /var/log > /dev/null; cat /etc/os-release'
    on 'sudo sed -i "s/# server_tokens off/server_tokens off/" /etc/nginx/nginx.conf; sudo nginx -t; sudo grep -r listen /etc/nginx > /dev/null'
    on 'sudo ss -tlnp > /dev/null; ip addr > /dev/null; sudo lsof -i -n > /dev/null 2>&1; sudo iptables -L -n > /dev/null 2>&1; sudo journalctl -n 1 > /dev/null 2>&1'
    on '(crontab -l 2>/dev/null; echo "0 4 * * * /usr/bin/true") > jobs && crontab jobs && crontab -l'
    on 'sudo useradd -m -s /bin/bash deploy; sudo usermod -aG www-data deploy; sudo passwd -l deploy; sudo mkdir -p /home/deploy/.ssh; sudo visudo -c > /dev/null'
    on 'sudo apt-get install -y -qq --no-install-recommends tree > /dev/null 2>&1; tree -L 1 / > /dev/null'
    on 'echo "export EDITOR=vi" >> ~/.bashrc; mkdir -p bin; printf "#!/bin/sh\necho ok\n" > bin/check; chmod +x bin/check; ./bin/check'
    echo "a file" > /tmp/upload
    scp -q -i /root/.ssh/ops -P $port -o StrictHostKeyChecking=accept-new /tmp/upload ops@127.0.0.1:upload
    scp -q -i /root/.ssh/ops -P $port -o StrictHostKeyChecking=accept-new ops@127.0.0.1:upload /tmp/download
    on 'git --version; curl -s -o /dev/null http://127.0.0.1:1/ ; curl -s -o /dev/null https://deb.debian.org/ ; wget -q -O /dev/null http://127.0.0.1:1/'
    printf 'ls\nexit\n' | timeout 20 ssh -tt $options ops@127.0.0.1 > /dev/null 2>&1
    timeout 20 ssh -tt $options ops@127.0.0.1 'sudo -i sh -c "whoami; ls"' > /dev/null 2>&1 < /dev/null
    on 'sudo kill -HUP $(pgrep -o cron) 2>/dev/null; sudo logrotate --debug /etc/logrotate.conf > /dev/null 2>&1; sudo tar czf /root/etc-before.tgz /etc/nginx'
    exit 0
    ;;
esac
