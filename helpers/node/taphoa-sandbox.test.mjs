import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused, withShop } from './taphoa-sandbox.mjs';

// A program with KiotViet's hosts in its code.
async function sell(fetch, shop) {
  const form = new URLSearchParams({ scopes: 'PublicApi.Access', grant_type: 'client_credentials', client_id: shop.clientId, client_secret: shop.clientSecret });
  const token = await (await fetch('https://id.kiotviet.vn/connect/token', { method: 'POST', body: form })).json();
  const response = await fetch(new Request('https://public.kiotapi.com/invoices', {
    method: 'POST',
    headers: { Retailer: shop.retailer, Authorization: `Bearer ${token.access_token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ branchId: 1, method: 'Cash', totalPayment: 20000, invoiceDetails: [{ productCode: 'SP000001', quantity: 2 }] }),
  }));
  return response.status;
}

const onHand = async (shop) => (await shop.state()).stock.SP000001['Chi nhánh trung tâm'].onHand;

test('a program sells in the shop of its test', withShop(async (shop) => {
  const before = await onHand(shop);
  assert.equal(await sell(shop.fetch, shop), 200);
  assert.equal(before - await onHand(shop), 2);
  await shop.expect({ method: 'POST', path: '/invoices', times: 1, with: { body: { branchId: 1 } } }, { path: '/orders', times: 0 });
  await shop.expectInOrder({ path: '/connect/token' }, { path: '/invoices' });
  await shop.expectState({ stock: { SP000001: { 'Chi nhánh trung tâm': { onHand: before - 2 } } } });
  await shop.expectNoDifferences();
  assert.equal((await shop.call('GET', '/products/code/SP000001')).code, 'SP000001');
  await shop.forgetRequests();
  assert.deepEqual(await shop.requests(), []);
}));

test('what would differ at KiotViet is told', withShop(async (shop) => {
  await shop.call('GET', '/products?pageSize=300');
  await assert.rejects(shop.expectNoDifferences(), /page-size/);
  await shop.expectNoDifferences('page-size');
}));

test('the answer is lost after the invoice is stored', withShop(async (shop) => {
  const before = await onHand(shop);
  await shop.snapshot('before');
  await shop.setFaults({ method: 'POST', path: '/invoices', fault: 'cut' });
  await assert.rejects(sell(shop.fetch, shop));
  assert.equal((await shop.faults())[0].fired, 1);
  assert.equal(before - await onHand(shop), 2);
  await shop.restore('before');
  assert.equal(await onHand(shop), before);
}));

test('the clock goes ahead', withShop(async (shop) => {
  await shop.freeze();
  await shop.setTime('2199-01-01T00:00:00');
  await shop.advance('36h');
  assert.match(await shop.now(), /^2199-01-02T12:00:00/);
  await assert.rejects(shop.setTime('2020-01-01T00:00:00'), Refused);
  await shop.run();
}, { template: 'empty' }));

test('a failed test says what its program asked for', async (t) => {
  let said = '';
  t.mock.method(console, 'error', (text) => { said += text; });
  const failing = withShop(async (shop) => {
    await shop.call('GET', '/products/code/KHONGCO');
  }, { template: 'empty', retailer: 'cuahangnode', clientId: 'node', clientSecret: 's3cret' });
  await assert.rejects(failing(), (err) => err instanceof Refused && err.status === 420);
  assert.match(said, /getProductByCode/);
  assert.match(said, /KHONGCO → 420/);
  assert.doesNotMatch(said, /s3cret/);
});

test('a sandbox that is not there is named', async (t) => {
  const environ = process.env;
  process.env = { ...environ, TAPHOA_SANDBOX_URL: 'http://127.0.0.1:1' };
  t.after(() => { process.env = environ; });
  await assert.rejects(withShop(() => {})(), /127\.0\.0\.1:1/);
});
