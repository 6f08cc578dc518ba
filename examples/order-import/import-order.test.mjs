import assert from 'node:assert/strict';
import test from 'node:test';
import { withShop } from '../../helpers/node/taphoa-sandbox.mjs';
import { importOrder, KiotViet } from './import-order.mjs';

const web = {
  number: 'WEB-1042', customer: { name: 'Chị Hoa', phone: '0987654321', address: '8 Tràng Tiền' },
  lines: [{ sku: 'SP000001', quantity: 2, price: 11000 }, { sku: 'SP000002', quantity: 1, price: 25000 }],
};

test('an order comes once, however often it is sent', withShop(async (shop) => {
  const first = await importOrder(new KiotViet(shop), web);
  const again = await importOrder(new KiotViet(shop), web);
  assert.deepEqual([first.isNew, again.isNew, again.code], [true, false, first.code]);
  const order = await shop.call('GET', `/orders/code/${first.code}`);
  assert.equal(order.total, 47000);
  await shop.expect({ method: 'POST', path: '/orders', times: 1 }, { method: 'POST', path: '/customers', times: 1 });
  await shop.expectNoDifferences();
}));

test('an answer that is lost brings no second order', withShop(async (shop) => {
  await shop.setFaults({ method: 'POST', path: '/orders', calls: [1], fault: 'cut' });
  const kv = new KiotViet(shop);
  await assert.rejects(importOrder(kv, web));
  assert.equal((await importOrder(kv, web)).isNew, false);
  await shop.expect({ method: 'POST', path: '/orders', times: 1 });
}));

test('a token that ends is replaced', withShop(async (shop) => {
  await shop.setFaults({ path: '/branches', calls: [1], fault: 'token' });
  assert.equal((await importOrder(new KiotViet(shop), web)).isNew, true);
}));

test('what the shop does not sell is refused in its words', withShop(async (shop) => {
  const unknown = { ...web, lines: [{ sku: 'KHONG-CO', quantity: 1, price: 1 }] };
  await assert.rejects(importOrder(new KiotViet(shop), unknown), /KHONG-CO/);
}));
