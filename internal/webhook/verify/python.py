import hashlib, hmac
def verify(body, signature, secret):  # Flask: request.get_data(), request.headers.get("X-Hub-Signature", "")
    want = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    sent = signature.rpartition("=")[2]
    return secret != "" and hmac.compare_digest(want.encode(), sent.encode())
