#!/bin/sh
# cron itself with jobs that run each minute, and the daily jobs of the packages.
export DEBIAN_FRONTEND=noninteractive
case $1 in
  prepare)
    command -v apt-get > /dev/null || { echo "no apt-get"; exit 77; }
    if ! command -v cron > /dev/null || ! command -v logrotate > /dev/null; then
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends cron logrotate; } > /dev/null 2>&1 ||
        { echo "cron cannot be installed"; exit 77; }
    fi
    mkdir -p /opt/jobs /var/backups /var/log/shop
    echo "a line" > /var/log/shop/app.log
    cat > /opt/jobs/backup <<'JOB'
#!/bin/sh
tar czf /var/backups/etc.tgz /etc /opt 2>/dev/null
find /var/backups -name '*.tgz' -mtime +7 -delete
sha256sum /var/backups/etc.tgz > /var/backups/etc.sum
JOB
    cat > /opt/jobs/tidy <<'JOB'
#!/bin/sh
find /tmp -type f -mtime +2 -delete
find /var/log/shop -name '*.gz' -mtime +30 -exec rm -f {} +
logrotate -f -s /var/lib/shop-rotate /opt/jobs/rotate.conf
df -P | awk 'NR > 1 { print $5 }' | sort -n | tail -1
JOB
    printf '/var/log/shop/*.log {\n  rotate 3\n  compress\n  missingok\n  su root root\n}\n' > /opt/jobs/rotate.conf
    cat > /opt/jobs/report <<'JOB'
#!/usr/bin/env python3
import json, os, socket
print(json.dumps({"load": os.getloadavg(), "host": socket.gethostname()}))
JOB
    chmod 755 /opt/jobs/backup /opt/jobs/tidy /opt/jobs/report
    {
      echo 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'
      echo '* * * * * root /opt/jobs/backup'
      echo '* * * * * root /opt/jobs/tidy > /dev/null'
      echo '* * * * * root /opt/jobs/report > /var/log/shop/report.json'
      echo '* * * * * root cd / && run-parts --report /etc/cron.hourly'
      echo '* * * * * root cd / && run-parts --report /etc/cron.daily > /dev/null 2>&1'
    } > /etc/cron.d/jobs
    ;;
  serve)
    exec cron -f
    ;;
  work)
    sleep 66
    exit 0
    ;;
esac
