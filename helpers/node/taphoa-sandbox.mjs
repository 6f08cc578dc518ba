// A shop per test, for programs for KiotViet. Copy this file into your project; it needs Node 18 and no package.
//
//   test('an order is imported once', withShop(async (shop) => {
//     await importOrder(shop.fetch, 'WEB-1042'); // a program with KiotViet's hosts in its code
//     await shop.expect({ method: 'POST', path: '/orders', times: 1 });
//   }));
//
// The sandbox is that of TAPHOA_SANDBOX_URL, as in `taphoa sandbox exec -- npm test`, or one that runs on this machine: `taphoa sandbox`.

const vendorHosts = ['id.kiotviet.vn', 'public.kiotapi.com'];

/** What the sandbox, or its shop, has refused. */
export class Refused extends Error {
  constructor(what, status, answer) {
    const refusal = parsed(answer);
    const sentences = [refusal?.message ?? answer.slice(0, 300)];
    const errors = refusal?.responseStatus?.errors ?? [];
    if (errors.length > 1) sentences.push(...errors.map((e) => e.message));
    super(`${what}: ${status} ${sentences.join('\n  ')}`);
    Object.assign(this, { status, answer: refusal ?? answer });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns a test that runs body with a shop of its own, and deletes it. If the test fails, standard error says what the shop was
 * asked for. Options: template ('default' or 'empty'), retailer, clientId and clientSecret as the program has them in its code, replace.
 */
export function withShop(body, options = {}) {
  return async (...args) => {
    const shop = await createShop(options);
    try {
      return await body(shop, ...args);
    } catch (err) {
      console.error(await shop.seen());
      throw err;
    } finally {
      await shop.delete();
    }
  };
}

/** Makes a shop, which the caller deletes: for setups that withShop does not fit. */
export async function createShop(options = {}) {
  const sandbox = (process.env.TAPHOA_SANDBOX_URL || 'http://127.0.0.1:8899').replace(/\/+$/, '');
  const made = await control(sandbox, 'POST', 'shops', options);
  return new Shop(sandbox, made);
}

/** Sends a request below /_sandbox. */
async function control(sandbox, method, path, body) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (process.env.TAPHOA_SANDBOX_TOKEN) headers.Authorization = `Bearer ${process.env.TAPHOA_SANDBOX_TOKEN}`;
  let response;
  try {
    response = await fetch(`${sandbox}/_sandbox/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (err) {
    throw new Error(`no sandbox answers at ${sandbox}: start \`taphoa sandbox\`, or set TAPHOA_SANDBOX_URL`, { cause: err });
  }
  const text = await response.text();
  if (!response.ok) throw new Refused(`${method} ${path}`, response.status, text);
  return parsed(text) ?? text;
}

/** The shop of one test. Its name is that of the fork, url and tokenUrl are for a program whose addresses can be set. */
export class Shop {
  #token;

  constructor(sandbox, made) {
    Object.assign(this, made); // name, retailer, clientId, clientSecret
    this.url = sandbox;
    this.tokenUrl = sandbox === 'https://public.kiotapi.com' ? 'https://id.kiotviet.vn/connect/token' : `${sandbox}/connect/token`;
  }

  /** fetch that leads KiotViet's hosts to this shop, and others where they are. */
  fetch = (input, init = {}) => {
    const url = new URL(input.url ?? input);
    if (!vendorHosts.includes(url.hostname)) return fetch(input, init);
    const headers = new Headers(init.headers ?? input.headers);
    headers.set('X-Taphoa-Sandbox', this.name);
    const host = new URL(this.url).hostname === 'public.kiotapi.com' ? url.origin : this.url;
    const target = host + url.pathname + url.search;
    return input.url ? fetch(new Request(target, input), { ...init, headers }) : fetch(target, { ...init, headers });
  };

  /** Calls the shop's API as the test itself, and returns the answer. */
  async call(method, path, body) {
    this.#token ??= await this.#signIn();
    const response = await this.fetch(`https://public.kiotapi.com${path}`, {
      method,
      headers: { Retailer: this.retailer, Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Refused(`${method} ${path}`, response.status, text);
    return parsed(text);
  }

  async #signIn() {
    const form = new URLSearchParams({
      grant_type: 'client_credentials', scopes: 'PublicApi.Access', client_id: this.clientId, client_secret: this.clientSecret,
    });
    const response = await this.fetch('https://id.kiotviet.vn/connect/token', { method: 'POST', body: form });
    const text = await response.text();
    if (!response.ok) throw new Refused('POST /connect/token', response.status, text);
    return parsed(text).access_token;
  }

  #control(method, below, body) {
    return control(this.url, method, `shops/${encodeURIComponent(this.name)}${below}`, body);
  }

  delete() { return this.#control('DELETE', ''); }

  /** The clock: what it shows; stop it; move it by '36h' or '45d'; to '2027-01-01T00:00:00', Vietnam time; let it go on. */
  async now() { return (await this.#control('GET', '/clock')).now; }
  freeze() { return this.#control('PUT', '/clock', { frozen: true }); }
  advance(by) { return this.#control('PUT', '/clock', { advance: by }); }
  setTime(to) { return this.#control('PUT', '/clock', { now: to }); }
  run() { return this.#control('PUT', '/clock', { frozen: false }); }

  /** Replaces the rules of faults, such as { method: 'POST', path: '/orders', calls: [2], fault: 'cut' }; none ends them. */
  setFaults(...rules) { return this.#control('PUT', '/faults', { rules }); }
  async faults() { return (await this.#control('GET', '/faults')).rules; }

  snapshot(name) { return this.#control('POST', '/snapshots', { name }); }
  restore(name) { return this.#control('POST', `/snapshots/${encodeURIComponent(name)}/restore`); }

  /** The first 500 of the requests that are kept; and an empty log. */
  async requests() { return (await this.#control('GET', '/requests?limit=500')).data; }
  forgetRequests() { return this.#control('DELETE', '/requests'); }

  /** Fails unless the shop was asked as expected: { method, path, times, atLeast, atMost, status, with: { body, query, header } }. */
  expect(...expectations) { return this.#control('POST', '/expect', { expectations }); }
  expectInOrder(...expectations) { return this.#control('POST', '/expect', { expectations, inOrder: true }); }

  /** stock, debts, cash, documents, webhooks; expectState fails unless the state has these parts. */
  state() { return this.#control('GET', '/state'); }
  expectState(part) { return this.#control('POST', '/assert', part); }

  /** What would differ at KiotViet, but for these ids. */
  async differences(...but) { return (await this.#control('GET', '/report')).differences.filter((d) => !but.includes(d.id)); }

  async expectNoDifferences(...but) {
    const found = await this.differences(...but);
    if (found.length > 0) throw new Error(found.map((d) => `at KiotViet ${d.operation} would differ: ${d.title} (${d.id}, ${d.details.join(', ')}). ${d.advice}`).join('\n'));
  }

  /** What the shop was asked for, and what of it failed, as text. */
  async seen() {
    const failed = (await this.requests()).filter((r) => r.status >= 400 || r.fault);
    return [await this.#control('GET', '/report?format=text'),
      ...failed.map((r) => `#${r.number} ${r.method} ${r.path} → ${r.status} ${r.fault ?? ''} ${r.answer.slice(0, 300)}`)].join('\n');
  }
}
