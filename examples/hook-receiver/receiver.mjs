// A receiver of KiotViet's webhooks, as shop plug-ins have one: it keeps the stock that a web shop shows. Webhooks may come twice, late, in
// another order, or from someone else.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

/** Whether a body was signed with the secret: HMAC-SHA256 in hex, behind a label that says sha1. */
export function isSigned(body, header, secret) {
  const wanted = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(String(header).replace(/^\w+=/, ''), 'hex');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Serves POST /hook. readStock(productId) reads what KiotViet has now; what the webhook itself says may be old. */
export function receiver({ secret, readStock, onError = console.error }) {
  const stock = new Map(); // by product id
  const handled = new Set(); // ids of webhooks
  const reading = new Map(); // by product id: the read that runs, and whether another one is due
  const read = async (id) => {
    if (reading.has(id)) return void (reading.get(id).again = true);
    const state = { again: true };
    reading.set(id, state);
    try {
      while (state.again) {
        state.again = false;
        stock.set(id, await readStock(id));
      }
    } catch (err) {
      onError(err);
    } finally {
      reading.delete(id);
    }
  };
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    if (request.method !== 'POST' || !isSigned(body, request.headers['x-hub-signature'], secret)) {
      return response.writeHead(401).end();
    }
    response.writeHead(200).end(); // at once: who answers late is sent it again
    const hook = JSON.parse(body);
    if (handled.has(hook.Id)) return;
    handled.add(hook.Id);
    for (const notification of hook.Notifications) {
      if (!notification.Action.startsWith('stock.update')) continue;
      for (const row of notification.Data) read(row.ProductId);
    }
  });
  return { server, stock, handled };
}
