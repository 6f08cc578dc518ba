import requests

token = requests.post("https://id.kiotviet.vn/connect/token", data={"grant_type": "client_credentials"}).json()["access_token"]
print(requests.get("https://public.kiotapi.com/products", headers={"Authorization": "Bearer " + token}).text)
