import json
import urllib.request

with urllib.request.urlopen("https://id.kiotviet.vn/connect/token", data=b"grant_type=client_credentials") as answer:
    token = json.load(answer)["access_token"]
request = urllib.request.Request("https://public.kiotapi.com/products", headers={"Authorization": "Bearer " + token})
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
