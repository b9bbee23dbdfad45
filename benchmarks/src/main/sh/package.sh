#!/bin/sh
# Packages are installed, installed again, removed: what unattended upgrades and administrators do. 77: cannot run here.
export DEBIAN_FRONTEND=noninteractive
case $1 in
  prepare)
    command -v apt-get > /dev/null || { echo "no apt-get"; exit 77; }
    apt-get update -qq > /dev/null 2>&1 || { echo "apt-get update failed: no mirror?"; exit 77; }
    ;;
  work)
    set -e
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends cron logrotate openssh-server rsyslog nginx-light sudo man-db tree hello
    apt-get install -y -qq --reinstall --no-install-recommends tree openssh-client
    apt-get purge -y -qq hello tree
    apt-get autoremove -y -qq
    apt-get clean
    ;;
esac
