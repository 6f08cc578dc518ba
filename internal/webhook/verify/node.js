const { createHmac, timingSafeEqual } = require('node:crypto');
function verify(body, signature, secret) { // express.raw({ type: '*/*' }): req.body, req.get('X-Hub-Signature')
  const want = createHmac('sha256', secret).update(body).digest();
  const got = Buffer.from(String(signature).split('=').pop(), 'hex');
  return secret !== '' && got.length === want.length && timingSafeEqual(got, want);
}
