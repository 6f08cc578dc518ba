import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import test from 'node:test';
import { withShop } from '../../helpers/node/taphoa-sandbox.mjs';
import { check } from './check.mjs';
import { replay } from './replay.mjs';

const exported = readFileSync(new URL('low-stock.json', import.meta.url), 'utf8');
const node = (workflow, name) => workflow.nodes.find((n) => n.name === name);
const set = (workflow, name, value) => { node(workflow, 'Shop').parameters.assignments.assignments.find((a) => a.name === name).value = value; };

/** Runs body with a chat, and with a function that runs the workflow and returns what the chat was told. */
const withChat = (body) => withShop(async (shop) => {
  const told = [];
  const refusals = []; // statuses to answer with first
  const chat = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const status = refusals.shift() ?? 200;
    if (status === 200) told.push(JSON.parse(Buffer.concat(parts)));
    response.writeHead(status).end('ok');
  });
  chat.listen(0, '127.0.0.1');
  await once(chat, 'listening');
  const memory = {};
  const run = async (workflow = JSON.parse(exported), kept = memory) => {
    set(workflow, 'retailer', shop.retailer);
    set(workflow, 'chat', `http://127.0.0.1:${chat.address().port}/hook`);
    const credentials = { KiotViet: { body: { client_id: shop.clientId, client_secret: shop.clientSecret } } };
    await replay(workflow, { fetch: shop.fetch, credentials, memory: kept });
    return told.splice(0);
  };
  try {
    await body({ shop, run, refusals });
  } finally {
    chat.close();
  }
});

const sell = (shop, productCode, quantity) => shop.call('POST', '/invoices', {
  branchId: 1, method: 'Cash', totalPayment: 0, invoiceDetails: [{ productCode, quantity }],
});

const cola = 'SP000001 Nước ngọt Coca-Cola 320ml (lon): còn 85, định mức 86 (Chi nhánh trung tâm)';
const pencil = 'SP000309 Bút chì gỗ Thiên Long 2B (cây): còn 48, định mức 49 (Chi nhánh trung tâm)';
const report = (...lines) => [{ text: [`Hàng dưới định mức tồn (${lines.length}):`, ...lines].join('\n') }];

/** Fails if KiotViet would do something else. Its token requests are forms; a sandbox takes JSON, too. */
async function asAtKiotViet(shop) {
  await shop.expect({ path: '/connect/token', times: 1, with: { header: { 'Content-Type': 'application/x-www-form-urlencoded' } } });
  await shop.expectNoDifferences();
}

test('each parameter is one of its node', () => {
  assert.deepEqual(check(JSON.parse(exported)), []);
});

test('nothing is said while all is in stock', withChat(async ({ shop, run }) => {
  await sell(shop, 'SP000001', 289); // 86 are left, and 86 are enough
  await shop.forgetRequests();
  assert.deepEqual(await run(), []);
  await shop.expect(
    { method: 'GET', path: '/products', times: 4 },
    { method: 'GET', path: '/products', times: 1, with: { query: { currentItem: '300', pageSize: '100' } } },
  );
  await asAtKiotViet(shop);
}));

test('what a sale brings below its minimum is said once, and again when it has been above', withChat(async ({ shop, run }) => {
  await sell(shop, 'SP000001', 290);
  assert.deepEqual(await run(), report(cola));
  assert.deepEqual(await run(), []);
  await sell(shop, 'SP000309', 190); // of the last page
  assert.deepEqual(await run(), report(pencil));
  const { id } = await shop.call('GET', '/products/code/SP000001');
  await shop.call('PUT', `/products/${id}`, { inventories: [{ branchId: 1, onHand: 375 }] });
  assert.deepEqual(await run(), []);
  await sell(shop, 'SP000001', 290);
  assert.deepEqual(await run(), report(cola));
}));

test('a failure loses no report', withChat(async ({ shop, run, refusals }) => {
  await sell(shop, 'SP000001', 290);
  await shop.setFaults({ path: '/products', calls: [3], fault: 'status' });
  await assert.rejects(run(), /^Error: Products: GET .* 503/);
  refusals.push(503);
  await assert.rejects(run(), /^Error: Message: POST .* 503/);
  await shop.setFaults({ path: '/connect/token', calls: [1], fault: 'status' }); // the node tries again
  assert.deepEqual(await run(), report(cola));
}));

test('what is misspelt is found without a shop', () => {
  for (const [change, problem] of [
    [(w) => { node(w, 'Products').parameters.sendQeury = true; }, 'Products: there is no parameter sendQeury'],
    [(w) => { delete node(w, 'Products').parameters.sendQuery; }, 'Products: queryParameters is not used beside these values of others'],
    [(w) => { node(w, 'Products').parameters.options.pagination.pagination.paginationMode = 'pages'; }, /paginationMode cannot be "pages"/],
    [(w) => { node(w, 'Products').parameters.headerParameters.parameters[0] = { key: 'Retailer' }; }, /no parameter headerParameters\.parameters\.key/],
    [(w) => { node(w, 'Products').parameters.headerParameters.parameters[0].value = '{{ 1 }}'; }, /value cannot be "{{ 1 }}"/],
    [(w) => { node(w, 'Token').parameters.contentType = 'form'; }, 'Token: contentType cannot be "form"'],
    [(w) => { node(w, 'Token').parameters.bodyParameters = { parameters: {} }; }, /bodyParameters\.parameters cannot be {}/],
    [(w) => { delete node(w, 'Token').credentials; }, 'Token: genericAuthType cannot be "httpCustomAuth"'],
    [(w) => { node(w, 'Message').typeVersion = 9; }, 'Message: n8n-nodes-base.httpRequest 9 is not noted'],
    [(w) => { node(w, 'Token').retryOnFial = true; }, 'Token: nodes have no retryOnFial'],
    [(w) => { node(w, 'Every 15 minutes').parameters.rule.interval[0].minutesInterval = 90; }, /minutesInterval cannot be 90/],
    [(w) => { node(w, 'Shop').parameters.assignments.assignments[0].type = 'text'; }, /assignments\.assignments cannot be/],
    [(w) => { node(w, 'Below the minimum').parameters.pythonCode = ''; }, 'Below the minimum: pythonCode is not used beside these values of others'],
    [(w) => { w.connections.Token.main[0][0].node = 'Product'; }, 'Products: nothing leads to it'],
  ]) {
    const workflow = JSON.parse(exported);
    change(workflow);
    const found = check(workflow);
    assert.ok(found.some((text) => problem.test?.(text) ?? text === problem), `${problem} is not in ${JSON.stringify(found)}`);
  }
});

test('what is wrong for the shop alone is found by running it', withChat(async ({ shop, run }) => {
  await sell(shop, 'SP000001', 290);
  await sell(shop, 'SP000309', 190);
  assert.deepEqual(await run(undefined, {}), report(cola, pencil));
  const header = (w, name) => node(w, 'Products').parameters.headerParameters.parameters.find((p) => p.name === name);
  const query = (w, name) => node(w, 'Products').parameters.queryParameters.parameters.find((p) => p.name === name);
  for (const change of [
    (w) => { node(w, 'Token').parameters.url = 'https://id.kiotviet.vn/connect/tokens'; },
    (w) => { node(w, 'Token').parameters.bodyParameters.parameters.pop(); },
    (w) => { node(w, 'Token').parameters.headerParameters.parameters = []; },
    (w) => { node(w, 'Token').credentials.httpCustomAuth.name = 'Another'; },
    (w) => { node(w, 'Products').parameters.url = 'https://public.kiotapi.com/product'; },
    (w) => { header(w, 'Retailer').value = 'another'; },
    (w) => { header(w, 'Authorization').value = '=Bearer {{ $json.token }}'; },
    (w) => { header(w, 'Retailer').value = "={{ $('Shops').first().json.retailer }}"; },
    (w) => { query(w, 'includeInventory').name = 'includeInventories'; },
    (w) => { node(w, 'Products').parameters.options.pagination.pagination.parameters.parameters[0].name = 'current'; },
    (w) => { node(w, 'Products').parameters.options = {}; },
    (w) => { node(w, 'Message').parameters.url = "={{ $('Shop').first().json.chat.slice(0, 9) }}"; },
    (w) => { node(w, 'Message').parameters.bodyParameters.parameters[0].value = '={{ $json.txt }}'; },
    (w) => { delete w.connections.Products; },
  ]) {
    const workflow = JSON.parse(exported);
    change(workflow);
    await shop.forgetRequests();
    await assert.rejects(async () => {
      assert.deepEqual(await run(workflow, {}), report(cola, pencil));
      await asAtKiotViet(shop);
    }, `${change} makes no difference`);
  }
}));
