import contextlib
import decimal
import io
import json
import os
import unittest
import unittest.mock
import urllib.error
import urllib.parse
import urllib.request

import taphoa_sandbox

MAIN = "Chi nhánh trung tâm"


def sell(opener, shop):
    """A program with KiotViet's hosts in its code."""
    form = urllib.parse.urlencode({
        "scopes": "PublicApi.Access", "grant_type": "client_credentials", "client_id": shop.client_id, "client_secret": shop.client_secret})
    with opener.open("https://id.kiotviet.vn/connect/token", form.encode()) as answer:
        token = json.load(answer)["access_token"]
    body = {"branchId": 1, "method": "Cash", "totalPayment": 20000, "invoiceDetails": [{"productCode": "SP000001", "quantity": 2}]}
    headers = {"Retailer": shop.retailer, "Authorization": "Bearer " + token, "Content-Type": "application/json"}
    request = urllib.request.Request("https://public.kiotapi.com/invoices", json.dumps(body).encode(), headers)
    with opener.open(request) as answer:
        return answer.status


def on_hand(shop):
    return shop.state()["stock"]["SP000001"][MAIN]["onHand"]


class ShopTest(unittest.TestCase):
    def test_a_program_sells_in_the_shop_of_its_test(self):
        with taphoa_sandbox.shop() as shop:
            before = on_hand(shop)
            self.assertEqual(sell(shop.opener, shop), 200)
            self.assertEqual(before - on_hand(shop), 2)
            shop.expect({"method": "POST", "path": "/invoices", "times": 1, "with": {"body": {"branchId": 1}}}, {"path": "/orders", "times": 0})
            shop.expect({"path": "/connect/token"}, {"path": "/invoices"}, in_order=True)
            shop.expect_state({"stock": {"SP000001": {MAIN: {"onHand": before - 2}}}})
            shop.expect_no_differences()
            self.assertEqual(shop.call("GET", "/products/code/SP000001")["code"], "SP000001")
            shop.forget_requests()
            self.assertEqual(shop.requests(), [])

    def test_stock_is_exact(self):
        with taphoa_sandbox.shop() as shop:
            level = shop.state()["stock"]["SP000002"][MAIN]["onHand"]
            self.assertIsInstance(level, decimal.Decimal)
            shop.expect_state({"stock": {"SP000002": {MAIN: {"onHand": level}}}})

    def test_what_would_differ_at_kiotviet_is_told(self):
        with taphoa_sandbox.shop() as shop:
            shop.call("GET", "/products?pageSize=300")
            with self.assertRaisesRegex(AssertionError, "page-size"):
                shop.expect_no_differences()
            shop.expect_no_differences("page-size")

    def test_the_answer_is_lost_after_the_invoice_is_stored(self):
        with taphoa_sandbox.shop() as shop:
            before = on_hand(shop)
            shop.snapshot("before")
            shop.set_faults({"method": "POST", "path": "/invoices", "fault": "cut"})
            with self.assertRaises(OSError):
                sell(shop.opener, shop)
            self.assertEqual(shop.faults()[0]["fired"], 1)
            self.assertEqual(before - on_hand(shop), 2)
            shop.restore("before")
            self.assertEqual(on_hand(shop), before)

    def test_the_clock_goes_ahead(self):
        with taphoa_sandbox.shop(template="empty") as shop:
            shop.freeze()
            shop.set_time("2199-01-01T00:00:00")
            shop.advance("36h")
            self.assertRegex(shop.now(), "^2199-01-02T12:00:00")
            with self.assertRaises(taphoa_sandbox.Refused):
                shop.set_time("2020-01-01T00:00:00")
            shop.run()

    def test_a_failed_test_says_what_its_program_asked_for(self):
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(taphoa_sandbox.Refused) as refused:
            with taphoa_sandbox.shop(template="empty", retailer="cuahangpython", clientId="python", clientSecret="s3cret") as shop:
                shop.call("GET", "/products/code/KHONGCO")
        self.assertEqual(refused.exception.status, 420)
        self.assertIn("getProductByCode", said.getvalue())
        self.assertIn("KHONGCO → 420", said.getvalue())
        self.assertNotIn("s3cret", said.getvalue())

    def test_a_sandbox_that_is_not_there_is_named(self):
        with unittest.mock.patch.dict(os.environ, TAPHOA_SANDBOX_URL="http://127.0.0.1:1"), self.assertRaisesRegex(ConnectionError, "127.0.0.1:1"):
            taphoa_sandbox.Shop.create()


if __name__ == "__main__":
    unittest.main()
