"""Writes the sales and the cash book of a period as CSV, for an accountant: every invoice once, to the đồng."""
import csv
import datetime
import decimal
import json
import sys
import urllib.parse
import urllib.request


class KiotViet:
    """A client of one shop. opener is a parameter so that a test can lead KiotViet's hosts elsewhere."""

    def __init__(self, retailer, client_id, client_secret, opener=None):
        self.retailer, self.client_id, self.client_secret = retailer, client_id, client_secret
        self.opener, self.token = opener or urllib.request.build_opener(), None

    def call(self, path, **query):
        if self.token is None:
            form = urllib.parse.urlencode({
                "grant_type": "client_credentials", "scopes": "PublicApi.Access", "client_id": self.client_id, "client_secret": self.client_secret})
            with self.opener.open("https://id.kiotviet.vn/connect/token", form.encode()) as answer:
                self.token = json.load(answer)["access_token"]
        url = "https://public.kiotapi.com" + path + "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(url, headers={"Retailer": self.retailer, "Authorization": "Bearer " + self.token})
        with self.opener.open(request) as answer:
            return json.load(answer, parse_float=decimal.Decimal)  # amounts stay exact

    def list(self, path, **query):
        """All records, ordered by id: the list's own order may change between pages."""
        seen, at, total = set(), 0, 1
        while at < total:
            page = self.call(path, orderBy="id", pageSize=100, currentItem=at, **query)
            total, at = page["total"], at + max(len(page["data"]), 1)
            for record in page["data"]:
                if record["id"] not in seen:
                    seen.add(record["id"])
                    yield record


CANCELLED = 2


def sales(kiotviet, first, last):
    """Rows of the invoices of a period, its last day included; voided ones are not among them."""
    for i in kiotviet.list("/invoices", fromPurchaseDate=first, toPurchaseDate=last):
        if i["status"] != CANCELLED:
            yield [i["purchaseDate"][:10], i["code"], i.get("customerName", ""), i["total"], i["totalPayment"]]


def cash(kiotviet, first, last):
    """Rows of the cash book: receipts are positive, payments negative, voided ones are left out."""
    after = (datetime.date.fromisoformat(last) + datetime.timedelta(days=1)).isoformat()  # the end is not included
    for c in kiotviet.list("/cashflow", startDate=first, endDate=after):
        if c["status"] == 0:
            yield [c["transDate"][:10], c["code"], c.get("partnerName", ""), c["method"], c["amount"]]


def write(file, head, rows, amount):
    """Writes a table with a line of the sum, and returns the sum."""
    out, total = csv.writer(file), decimal.Decimal(0)
    out.writerow(head)
    for row in rows:
        out.writerow(row)
        total += row[amount]
    out.writerow(["", "Tổng"] + [""] * (amount - 2) + [total])
    return total


def main(retailer, client_id, client_secret, first, last):
    kiotviet = KiotViet(retailer, client_id, client_secret)
    with open("ban-hang.csv", "w", newline="", encoding="utf-8-sig") as file:  # as Excel wants it
        write(file, ["Ngày", "Hóa đơn", "Khách", "Phải trả", "Đã trả"], sales(kiotviet, first, last), 3)
    with open("so-quy.csv", "w", newline="", encoding="utf-8-sig") as file:
        write(file, ["Ngày", "Phiếu", "Đối tác", "Hình thức", "Số tiền"], cash(kiotviet, first, last), 4)


if __name__ == "__main__":
    main(*sys.argv[1:])
