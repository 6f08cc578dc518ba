# Installs a package in a copy of this system that lasts as long as this script, sells, and removes it again:
#   unshare --mount --net sh -eu install.sh PACKAGE.deb
deb=$1
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work"
mkdir "$work/changes" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/changes,workdir=$work/work" "$work/root"
cp "$deb" "$work/root/taphoa.deb"
ip link set lo up
mount --rbind /proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mount -t tmpfs tmpfs "$work/root/run" # no systemd is asked for anything
mount -t tmpfs tmpfs "$work/root/tmp"
chmod 1777 "$work/root/tmp"
exec chroot "$work/root" sh -eu <<'END'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
userdel taphoa 2>/dev/null || true
echo "== install"
dpkg -i /taphoa.deb
stat -c '%n %a %U %G' /etc/taphoa/taphoa.conf /var/lib/taphoa
systemctl is-enabled taphoa.service

conf=/etc/taphoa/taphoa.conf
as_taphoa() { runuser -u taphoa -- "$@"; }
as_taphoa taphoa --config $conf shop create cobien "Tạp hóa Cô Biển"
as_taphoa taphoa --config $conf client create --name "Web shop" >/tmp/client
line() { sed -n "s/^$1=//p" /usr/lib/systemd/system/taphoa.service; }
echo "== serve"
setpriv --reuid=taphoa --regid=taphoa --init-groups env -i "$(line Environment)" $(line ExecStart) >/tmp/log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null' EXIT
for try in $(seq 100); do
	as_taphoa taphoa --config $conf health >/dev/null 2>&1 && break
	sleep 0.1
done
as_taphoa taphoa --config $conf doctor | grep -v leftovers

base=http://127.0.0.1:8080
value() { sed -n "s/^ *$1=//p" /tmp/client; }
token=$(curl -sS $base/connect/token -d scopes=PublicApi.Access -d grant_type=client_credentials \
	-d "client_id=$(value client_id)" -d "client_secret=$(value client_secret)" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
kv() { curl -sS --fail-with-body -H "Retailer: cobien" -H "Authorization: Bearer $token" -H "Content-Type: application/json" "$@"; echo; }
branch=$(kv $base/branches | sed 's/.*"data":\[{"id":\([0-9]*\).*/\1/')
kv $base/products -d '{"name": "Mì Hảo Hảo", "code": "MI", "basePrice": 4500, "categoryName": "Mì"}' >/dev/null
kv $base/invoices -d "{\"branchId\": $branch, \"totalPayment\": 9000, \"method\": \"Cash\", \"invoiceDetails\": [{\"productCode\": \"MI\", \"quantity\": 2, \"price\": 4500}]}" |
	grep -o '"total":[0-9]*'

echo "== stop"
kill -TERM $server
wait $server
trap - EXIT
tail -1 /tmp/log
echo "TAPHOA_LANG=vi" >>$conf
dpkg -i /taphoa.deb >/dev/null # an upgrade
tail -1 $conf
stat -c '%n %a %U %G' $conf
echo "== remove"
dpkg -r taphoa
ls /var/lib/taphoa /usr/bin/taphoa 2>&1 || true
dpkg -i /taphoa.deb >/dev/null # as it was
systemctl is-enabled taphoa.service
tail -1 $conf
dpkg -P taphoa
ls /etc/systemd/system/multi-user.target.wants/taphoa.service /etc/taphoa/taphoa.conf /var/lib/taphoa/taphoa.db 2>&1 || true
END
