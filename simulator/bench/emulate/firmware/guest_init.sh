#!/bin/busybox sh
# The first and only script of the guest: a kernel with Bluetooth, D-Bus, bluetoothd and our relay.
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
/bin/busybox mount -t devtmpfs none /dev
while read -r module; do /bin/busybox insmod "$module"; done </etc/modules
/bin/busybox ip link set lo up
/bin/busybox ip link set eth0 up
/bin/busybox ip addr add 10.0.2.15/24 dev eth0
/bin/busybox ip route add default via 10.0.2.2
/bin/dbus-daemon --config-file=/etc/dbus.conf --nofork --nopidfile &
while [ ! -S /run/dbus/system_bus_socket ]; do /bin/busybox sleep 0.1; done
/bin/bluetoothd --nodetach &
/bin/guest_relay &
while :; do wait; /bin/busybox sleep 3600; done
