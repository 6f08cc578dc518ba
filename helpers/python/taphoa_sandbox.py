"""A shop per test, for programs for KiotViet. Copy this file into your project; it needs Python 3.9 and no package.

    class Orders(unittest.TestCase):
        def test_an_order_is_imported_once(self):
            with taphoa_sandbox.shop() as shop:
                import_order(shop.opener, "WEB-1042")  # a program with KiotViet's hosts in its code
                shop.expect({"method": "POST", "path": "/orders", "times": 1})

The sandbox is that of TAPHOA_SANDBOX_URL, as in `taphoa sandbox exec -- python3 -m unittest`, or one that runs on this machine:
`taphoa sandbox`. Money and stock are numbers of JSON, which are decimal.Decimal here.
"""

import contextlib
import decimal
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

_VENDOR_HOSTS = ("id.kiotviet.vn", "public.kiotapi.com")
_PATIENCE = 30  # seconds


class Refused(AssertionError):
    """What the sandbox, or its shop, has refused: a test with it has failed."""

    def __init__(self, what, status, answer):
        self.status, self.answer = status, _parsed(answer)
        sentences = [answer[:300]]
        if isinstance(self.answer, dict) and "message" in self.answer:
            sentences = [self.answer["message"]]
            errors = self.answer.get("responseStatus", {}).get("errors") or []
            if len(errors) > 1:
                sentences += [e["message"] for e in errors]
        super().__init__(f"{what}: {status} " + "\n  ".join(sentences))


def _parsed(text):
    try:
        return json.loads(text, parse_float=decimal.Decimal)
    except ValueError:
        return text


def _number(value):
    if isinstance(value, decimal.Decimal):
        return float(value)  # a JSON number of at most four decimals comes out as it was
    raise TypeError(f"{value!r} is no JSON")


def _send(opener, method, url, body=None, headers=None):
    data = None
    headers = dict(headers or {})
    if isinstance(body, str):
        data = body.encode()
    elif body is not None:
        data = json.dumps(body, default=_number).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            return _parsed(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(f"{method} {urllib.parse.urlsplit(url).path}", error.code, error.read().decode(errors="replace")) from None


def _control(sandbox, method, path, body=None):
    """Sends a request below /_sandbox."""
    headers = {}
    if os.environ.get("TAPHOA_SANDBOX_TOKEN"):
        headers["Authorization"] = "Bearer " + os.environ["TAPHOA_SANDBOX_TOKEN"]
    try:
        return _send(urllib.request.build_opener(), method, f"{sandbox}/_sandbox/{path}", body, headers)
    except urllib.error.URLError as error:
        raise ConnectionError(f"no sandbox answers at {sandbox}: start `taphoa sandbox`, or set TAPHOA_SANDBOX_URL") from error


class _Lead(urllib.request.BaseHandler):
    """Leads KiotViet's hosts to a shop."""

    handler_order = 100  # before what sends the request

    def __init__(self, shop):
        self.shop = shop

    def http_request(self, request):
        host = (urllib.parse.urlsplit(request.full_url).hostname or "").lower()
        if host in _VENDOR_HOSTS:
            request.add_unredirected_header("X-Taphoa-Sandbox", self.shop.name)
            if urllib.parse.urlsplit(self.shop.url).hostname not in _VENDOR_HOSTS:
                parts = urllib.parse.urlsplit(request.full_url)
                request.full_url = self.shop.url + urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        return request

    https_request = http_request


@contextlib.contextmanager
def shop(**options):
    """A shop that is deleted at the end. If the test fails in it, standard error says what it was asked for.

    Options: template ("default" or "empty"), retailer, clientId and clientSecret as the program has them in its code, replace.
    """
    made = Shop.create(**options)
    try:
        yield made
    except BaseException:
        print(made.seen(), file=sys.stderr)
        raise
    finally:
        made.delete()


class Shop:
    """The shop of one test. name is that of the fork; url and token_url are for a program whose addresses can be set."""

    def __init__(self, sandbox, made):
        self.name, self.retailer = made["name"], made["retailer"]
        self.client_id, self.client_secret = made["clientId"], made["clientSecret"]
        self.url, self.token_url = sandbox, sandbox + "/connect/token"
        if sandbox == "https://public.kiotapi.com":
            self.token_url = "https://id.kiotviet.vn/connect/token"
        self.opener = urllib.request.build_opener(_Lead(self))  # leads KiotViet's hosts here, and others where they are
        self._token = None

    @classmethod
    def create(cls, **options):
        """Makes a shop that the caller deletes: for setups that shop() does not fit."""
        sandbox = (os.environ.get("TAPHOA_SANDBOX_URL") or "http://127.0.0.1:8899").rstrip("/")
        return cls(sandbox, _control(sandbox, "POST", "shops", options))

    def call(self, method, path, body=None):
        """Calls the shop's API as the test itself, and returns the answer."""
        if self._token is None:
            form = urllib.parse.urlencode({
                "grant_type": "client_credentials", "scopes": "PublicApi.Access", "client_id": self.client_id, "client_secret": self.client_secret,
            })
            answer = _send(self.opener, "POST", "https://id.kiotviet.vn/connect/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
            self._token = answer["access_token"]
        headers = {"Retailer": self.retailer, "Authorization": "Bearer " + self._token}
        return _send(self.opener, method, "https://public.kiotapi.com" + path, body, headers)

    def _control(self, method, below, body=None):
        return _control(self.url, method, "shops/" + urllib.parse.quote(self.name, safe="") + below, body)

    def delete(self):
        self._control("DELETE", "")

    def now(self):
        """What the shop's clock shows, Vietnam time."""
        return self._control("GET", "/clock")["now"]

    def freeze(self):
        self._control("PUT", "/clock", {"frozen": True})

    def advance(self, by):
        """Moves the clock by "90s", "36h" or "45d"."""
        self._control("PUT", "/clock", {"advance": by})

    def set_time(self, to):
        """Moves the clock to "2027-01-01T00:00:00", Vietnam time."""
        self._control("PUT", "/clock", {"now": to})

    def run(self):
        """Lets a frozen clock go on."""
        self._control("PUT", "/clock", {"frozen": False})

    def set_faults(self, *rules):
        """Replaces the rules of faults, such as {"method": "POST", "path": "/orders", "calls": [2], "fault": "cut"}; none ends them."""
        self._control("PUT", "/faults", {"rules": rules})

    def faults(self):
        return self._control("GET", "/faults")["rules"]

    def snapshot(self, name):
        self._control("POST", "/snapshots", {"name": name})

    def restore(self, name):
        self._control("POST", "/snapshots/" + urllib.parse.quote(name, safe="") + "/restore")

    def requests(self):
        """The first 500 of the requests that are kept."""
        return self._control("GET", "/requests?limit=500")["data"]

    def forget_requests(self):
        self._control("DELETE", "/requests")

    def expect(self, *expectations, in_order=False):
        """Fails unless the shop was asked as expected: method, path, times, atLeast, atMost, status, with (body, query, header)."""
        self._control("POST", "/expect", {"expectations": expectations, "inOrder": in_order})

    def state(self):
        """stock, debts, cash, documents and webhooks."""
        return self._control("GET", "/state")

    def expect_state(self, part):
        """Fails unless the state has these parts."""
        self._control("POST", "/assert", part)

    def differences(self, *but):
        """What would differ at KiotViet, but for these ids."""
        return [d for d in self._control("GET", "/report")["differences"] if d["id"] not in but]

    def expect_no_differences(self, *but):
        found = self.differences(*but)
        if found:
            raise AssertionError("\n".join(
                f"at KiotViet {d['operation']} would differ: {d['title']} ({d['id']}, {', '.join(d['details'])}). {d['advice']}" for d in found))

    def seen(self):
        """What the shop was asked for, and what of it failed, as text."""
        lines = [self._control("GET", "/report?format=text")]
        for r in self.requests():
            if r["status"] >= 400 or r.get("fault"):
                lines.append(f"#{r['number']} {r['method']} {r['path']} → {r['status']} {r.get('fault', '')} {r['answer'][:300]}")
        return "\n".join(lines)
