#!/bin/sh
# Runs a command where the system lists a USB serial adapter whose device node is a pty:
#   fake_usb.sh /dev/pts/N ttyUSB90 10c4 ea60 0002 command...
# In a mount namespace of its own; /sys/class/tty there has this one adapter only. Needs root.
exec unshare -m sh -ec '
pty=$1 name=$2 vid=$3 pid=$4 number=$5; shift 5
mount --make-rprivate /
mount -t tmpfs fake /sys/class/tty
usb=/sys/class/tty/.usb/1-1
mkdir -p "$usb/1-1:1.0/$name" "/sys/class/tty/$name" /sys/class/tty/.sub/usb-serial /sys/class/tty/.sub/usb
echo "$vid" > $usb/idVendor; echo "$pid" > $usb/idProduct; echo "$number" > $usb/serial
echo "Panic dongle" > $usb/product; echo AURA > $usb/manufacturer; echo 1 > $usb/bNumInterfaces
ln -s ../../../../.sub/usb-serial "$usb/1-1:1.0/$name/subsystem"
ln -s ../../../.sub/usb "$usb/1-1:1.0/subsystem"
ln -s "../.usb/1-1/1-1:1.0/$name" "/sys/class/tty/$name/device"
touch "/dev/$name"
mount --bind "$pty" "/dev/$name"
code=0; "$@" || code=$?
umount "/dev/$name"; rm -f "/dev/$name"
exit $code' sh "$@"
