// A client as it is written for KiotViet: the two hosts are in its code.
const form = new URLSearchParams({ scopes: 'PublicApi.Access', grant_type: 'client_credentials', client_id: '3f0f2b1e-0000-4c00-8000-00000000abcd', client_secret: 'A1B2' });
const token = await (await fetch('https://id.kiotviet.vn/connect/token', { method: 'POST', body: form })).json();
const kiotviet = async (method, path, body) => {
  const response = await fetch('https://public.kiotapi.com' + path, {
    method, headers: { Retailer: 'cuahangcuatoi', Authorization: 'Bearer ' + token.access_token, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(method + ' ' + path + ': ' + response.status + ' ' + await response.text());
  return response.json();
};
const stock = async () => (await kiotviet('GET', '/products/code/SP000001')).inventories.find((i) => i.branchId === 1).onHand;
const before = await stock();
const invoice = await kiotviet('POST', '/invoices', { branchId: 1, method: 'Cash', totalPayment: 20000, invoiceDetails: [{ productCode: 'SP000001', quantity: 2 }] });
console.log(invoice.code, before - await stock());
