# A client as it is written for KiotViet: the two hosts are in its code.
import json
import urllib.parse
import urllib.request

FORM = {"scopes": "PublicApi.Access", "grant_type": "client_credentials",
        "client_id": "3f0f2b1e-0000-4c00-8000-00000000abcd", "client_secret": "A1B2"}
with urllib.request.urlopen("https://id.kiotviet.vn/connect/token", urllib.parse.urlencode(FORM).encode()) as answer:
    TOKEN = json.load(answer)["access_token"]


def kiotviet(method, path, body=None):
    request = urllib.request.Request("https://public.kiotapi.com" + path, method=method, data=body and json.dumps(body).encode(), headers={
        "Retailer": "cuahangcuatoi", "Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def stock():
    return next(i["onHand"] for i in kiotviet("GET", "/products/code/SP000001")["inventories"] if i["branchId"] == 1)


before = stock()
invoice = kiotviet("POST", "/invoices", {"branchId": 1, "method": "Cash", "totalPayment": 20000,
                                         "invoiceDetails": [{"productCode": "SP000001", "quantity": 2}]})
print(invoice["code"], f"{before - stock():g}")
