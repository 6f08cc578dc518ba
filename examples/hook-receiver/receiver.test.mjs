import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withShop } from '../../helpers/node/taphoa-sandbox.mjs';
import { receiver } from './receiver.mjs';

const secret = 'bWF0LWtoYXU=';

/** Runs body with a receiver of the shop's stock. */
async function receiving(shop, body) {
  const onHand = async (id) => (await shop.call('GET', `/products/${id}`)).inventories.find((i) => i.branchId === 1).onHand;
  const kept = receiver({ secret, readStock: onHand });
  kept.server.listen(0, '127.0.0.1');
  await once(kept.server, 'listening');
  const url = `http://127.0.0.1:${kept.server.address().port}/hook?noecho`;
  try {
    await shop.call('POST', '/webhooks', { Webhook: { Type: 'stock.update', Url: url, IsActive: true, Secret: secret } });
    await body({ ...kept, url, onHand });
  } finally {
    kept.server.close();
  }
}

async function until(holds) {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it never happened');
}

const sell = (shop) => shop.call('POST', '/invoices', {
  branchId: 1, method: 'Cash', totalPayment: 0, invoiceDetails: [{ productCode: 'SP000001', quantity: 1 }],
});

test('the web shop shows what is left, though webhooks come twice and in another order', withShop(async (shop) => {
  await shop.setFaults({ hook: '*', fault: 'double', times: 1 }, { hook: '*', fault: 'reorder', times: 1 });
  await receiving(shop, async ({ stock, onHand }) => {
    const { id } = await shop.call('GET', '/products/code/SP000001');
    for (let i = 0; i < 4; i++) await sell(shop);
    await until(async () => stock.get(id) === await onHand(id));
  });
}));

test('what KiotViet has not signed is refused', withShop(async (shop) => {
  await receiving(shop, async ({ url, stock, handled }) => {
    const body = JSON.stringify({ Id: 'x', Notifications: [{ Action: 'stock.update.1', Data: [{ ProductId: 1, OnHand: 999 }] }] });
    for (const headers of [{}, { 'X-Hub-Signature': 'sha1=00' }, { 'X-Hub-Signature': '' }]) {
      assert.equal((await fetch(url, { method: 'POST', body, headers })).status, 401);
    }
    assert.deepEqual([stock.size, handled.size], [0, 0]);
  });
}));
