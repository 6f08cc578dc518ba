set -e
token=$(curl -sS -d grant_type=client_credentials https://id.kiotviet.vn/connect/token | cut -d'"' -f4)
curl -sS -H "Authorization: Bearer $token" https://public.kiotapi.com/products
