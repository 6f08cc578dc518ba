#!/bin/sh
# dpkg: configure [OLD-VERSION]; rpm: the number of versions that are installed now
set -e

case "$1" in
configure) old=$2 ;;
1) old= ;;
[2-9]*) old=$1 ;;
*) exit 0 ;;
esac

systemd-sysusers taphoa.conf
chgrp taphoa /etc/taphoa/taphoa.conf
if [ ! -e /var/lib/taphoa ]; then
	install -d -m 0700 -o taphoa -g taphoa /var/lib/taphoa
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ -n "$old" ]; then
	if [ -d /run/systemd/system ]; then
		systemctl try-restart taphoa.service
	fi
	exit 0
fi
systemctl enable --quiet taphoa.service || true # there may be no systemd
cat <<'END'
Taphoa starts with the system, and has no shop yet. As root:
  runuser -u taphoa -- taphoa --config /etc/taphoa/taphoa.conf shop create CODE NAME
  runuser -u taphoa -- taphoa --config /etc/taphoa/taphoa.conf client create --name PROGRAM
  systemctl start taphoa
  runuser -u taphoa -- taphoa --config /etc/taphoa/taphoa.conf doctor
END
