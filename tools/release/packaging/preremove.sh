#!/bin/sh
# dpkg: remove, or upgrade; rpm: the number of versions that are left
set -e

case "$1" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl stop taphoa.service
	fi
	;;
esac
if [ "$1" = 0 ]; then
	systemctl disable --quiet taphoa.service || true # dpkg does so with the configuration, not before
fi
