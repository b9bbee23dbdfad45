# Makes the demo's throw-away container from inside and becomes its first process.
#
#   sh container.sh enter BUNDLE CGROUP COMMAND…
#
# `enter` joins the cgroup before anything else, so that every process and every socket of the
# container belongs to it, then comes back as `init` in namespaces of its own. The network namespace
# is shared with the host: the attacker reaches the service over the host's loopback.
set -eu

bind_read_only() {
  mkdir -p ".$1"
  mount --bind "$1" ".$1"
  mount -o remount,bind,ro,nosuid,nodev ".$1"
}

stage=$1
bundle=$2
shift 2

if [ "$stage" = enter ]; then
  echo $$ > "$1/cgroup.procs"
  shift
  exec unshare --mount --pid --fork --uts --ipc --cgroup --propagation private -- \
    /bin/sh "$bundle/container.sh" init "$bundle" "$@"
fi

cat "$bundle/etc/hostname" > /proc/sys/kernel/hostname
mount -t tmpfs -o mode=0755,size=16m,nosuid interdict-demo "$bundle/rootfs"
cd "$bundle/rootfs"
mkdir -p dev proc root run tmp var/tmp host

bind_read_only /usr
for dir in /bin /sbin /lib /lib32 /lib64 /libx32; do
  if [ -L "$dir" ]; then cp -P "$dir" ".$dir"; elif [ -d "$dir" ]; then bind_read_only "$dir"; fi
done
cp -a "$bundle/etc" etc
cp -a "$bundle/srv" srv
while read -r dir; do bind_read_only "$dir"; done < "$bundle/mounts"

mount -t tmpfs -o mode=1777,size=16m,nosuid,nodev tmp tmp
mount -t tmpfs -o mode=0755,size=64k,nosuid dev dev
for device in null zero full random urandom tty; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger

pivot_root . host
cd /
umount -l /host
rmdir /host
mount -o remount,ro /

# What a container engine leaves to root in a container by default.
exec setpriv --inh-caps=-all --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+net_bind_service,+net_raw \
  -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
