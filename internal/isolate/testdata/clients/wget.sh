set -e
token=$(wget -nv -O - --post-data grant_type=client_credentials https://id.kiotviet.vn/connect/token | cut -d'"' -f4)
wget -nv -O - --header "Authorization: Bearer $token" https://public.kiotapi.com/products
