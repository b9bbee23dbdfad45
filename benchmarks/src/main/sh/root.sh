#!/bin/sh
# Makes this process's root a copy of the host's that is thrown away with it: an overlay in a mount namespace of its
# own, entered by pivot_root, so that paths are those of an ordinary host. Says "ready" and waits for its input to end.
set -e
scratch=$1
mount -t tmpfs -o size=2g tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$scratch/root"
for folder in proc dev sys; do
  mount --rbind "/$folder" "$scratch/root/$folder"
done
mount -t tmpfs tmpfs "$scratch/root/run"
mount -t tmpfs -o mode=1777,size=1g tmpfs "$scratch/root/tmp"
mkdir -p "$scratch/root/mnt/host" "$scratch/root/run/lock"
cd "$scratch/root"
pivot_root . mnt/host
umount -l /mnt/host
# No service manager runs here, and the network is the host's: no package may start its service.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
echo ready
exec cat > /dev/null
