// Brings orders of a web shop into KiotViet, each once: also if an answer is lost, or the program is started again.

/** A client of one shop. fetch is a parameter so that a test can lead KiotViet's hosts elsewhere. */
export class KiotViet {
  #token;

  constructor({ retailer, clientId, clientSecret, fetch = globalThis.fetch }) {
    Object.assign(this, { retailer, clientId, clientSecret, fetch });
  }

  async #signIn() {
    const body = new URLSearchParams({
      grant_type: 'client_credentials', scopes: 'PublicApi.Access', client_id: this.clientId, client_secret: this.clientSecret,
    });
    const response = await this.fetch('https://id.kiotviet.vn/connect/token', { method: 'POST', body });
    if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
    return (await response.json()).access_token;
  }

  /** Sends a request; a token that has ended is replaced once. */
  async call(method, path, body) {
    for (let last = false; ; last = true) {
      this.#token ??= await this.#signIn();
      const response = await this.fetch(`https://public.kiotapi.com${path}`, {
        method,
        headers: { Retailer: this.retailer, Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      if (response.status === 401 && !last) {
        this.#token = undefined;
        continue;
      }
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.responseStatus?.message ?? answer.message);
      return answer;
    }
  }

  /** All records of a list, in an order that does not change between pages. */
  async *list(path, query) {
    for (let at = 0; ;) {
      const page = await this.call('GET', `${path}?${new URLSearchParams({ ...query, orderBy: 'id', pageSize: 100, currentItem: at })}`);
      yield* page.data;
      at += page.data.length;
      if (page.data.length === 0 || at >= page.total) return;
    }
  }
}

/** The customer of an order, by phone: found, or added. */
async function customerOf(kv, { name, phone, address }) {
  for await (const customer of kv.list('/customers', { contactNumber: phone })) return customer;
  return (await kv.call('POST', '/customers', { name, contactNumber: phone, address, branchId: kv.branchId })).data;
}

/**
 * Brings one order: { number, customer: { name, phone, address }, lines: [{ sku, quantity, price }] }. KiotViet gives out the codes of
 * orders, so the number is in the description, and is looked for first.
 */
export async function importOrder(kv, order) {
  kv.branchId ??= (await kv.call('GET', '/branches')).data[0].id;
  const customer = await customerOf(kv, order.customer);
  for await (const known of kv.list('/orders', { customerIds: customer.id })) {
    if (known.description?.split(' ')[0] === order.number) return { code: known.code, isNew: false };
  }
  const made = await kv.call('POST', '/orders', {
    branchId: kv.branchId, customerId: customer.id, description: `${order.number} from the web shop`,
    orderDetails: order.lines.map(({ sku, quantity, price }) => ({ productCode: sku, quantity, price })),
  });
  return { code: made.code, isNew: true };
}
