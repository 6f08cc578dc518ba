#!/bin/sh
# dpkg: remove, purge or upgrade; rpm: the number of versions that are left
set -e

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "$1" = purge ]; then
	rm -f /etc/systemd/system/multi-user.target.wants/taphoa.service
fi
case "$1" in
remove | purge | 0)
	if [ -e /var/lib/taphoa ]; then
		echo "The data of the shops stay in /var/lib/taphoa, and belong to the user taphoa."
	fi
	;;
esac
