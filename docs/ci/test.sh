#!/bin/sh
# The tests of a program for KiotViet, against a KiotViet of their own: in any CI that runs a shell on Linux.
set -eu
taphoa sandbox exec -- sh -c '
	node --test &&
	taphoa sandbox report --format junit --output kiotviet.xml'
