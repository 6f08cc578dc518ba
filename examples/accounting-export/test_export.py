import csv
import decimal
import io
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../helpers/python"))
import taphoa_sandbox  # noqa: E402

import export  # noqa: E402

FIRST, LAST = "2000-01-01", "2199-12-30"


def client(shop):
    return export.KiotViet(shop.retailer, shop.client_id, shop.client_secret, shop.opener)


class ExportTest(unittest.TestCase):
    def test_the_sums_are_those_of_the_shop(self):
        with taphoa_sandbox.shop() as shop:
            voided = shop.call("POST", "/invoices", {"branchId": 1, "method": "Cash", "totalPayment": 11000, "invoiceDetails": [
                {"productCode": "SP000001", "quantity": 1, "price": 11000}]})
            shop.call("DELETE", "/invoices/%d?isVoidPayment=true" % voided["id"])
            shop.call("POST", "/invoices", {"branchId": 1, "method": "Cash", "totalPayment": 1000, "invoiceDetails": [
                {"productCode": "SP000002", "quantity": 1, "price": decimal.Decimal("1000.5")}]})
            shop.set_faults({"method": "GET", "fault": "drift"})  # pages move for who does not ask for an order
            file = io.StringIO()
            total = export.write(file, ["a", "b", "c", "d", "e"], export.sales(client(shop), FIRST, LAST), 3)
            of_shop = shop.call("GET", "/invoices?pageSize=1&includeTotals=true&fromPurchaseDate=%s&toPurchaseDate=%s" % (FIRST, LAST))
            self.assertEqual(total, of_shop["totals"]["total"])
            rows = list(csv.reader(io.StringIO(file.getvalue())))
            self.assertNotIn(voided["code"], [row[1] for row in rows])
            self.assertEqual(decimal.Decimal(rows[-1][3]), total)
            self.assertGreater(len(rows), 102)  # more than one page

    def test_the_cash_book_is_what_is_in_the_drawers(self):
        with taphoa_sandbox.shop() as shop:
            total = export.write(io.StringIO(), ["a"] * 5, export.cash(client(shop), FIRST, LAST), 4)
            drawers = sum(amount for methods in shop.state()["cash"].values() for amount in methods.values())
            self.assertEqual(total, drawers)


if __name__ == "__main__":
    unittest.main()
