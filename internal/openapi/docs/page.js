// Starts the reference: nothing is asked of any other server, and on the demo its token and shop are filled in.
'use strict';

const configuration = JSON.parse(document.getElementById('configuration').textContent);

// The demo's token, asked for as any client would.
async function token(demo) {
  const answer = await fetch('/connect/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials', scopes: demo.scopes, client_id: demo.clientId, client_secret: demo.clientSecret,
    }),
  });
  return answer.ok ? (await answer.json()).access_token : '';
}

async function start({ demo, document: url, chrome }) {
  const schemes = {};
  if (demo) {
    schemes.Retailer = { value: demo.retailer };
    schemes.oauth2 = {
      'x-default-scopes': demo.scopes.split(' '),
      flows: {
        clientCredentials: {
          'x-scalar-client-id': demo.clientId, clientSecret: demo.clientSecret, token: await token(demo).catch(() => ''),
        },
      },
    };
  }
  Scalar.createApiReference('#reference', {
    url,
    localization: chrome,
    authentication: { preferredSecurityScheme: [['oauth2', 'Retailer']], securitySchemes: schemes },
    persistAuth: !demo, // the demo's token ends with the demo
    withDefaultFonts: false,
    telemetry: false,
    proxyUrl: '',
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    hideClientButton: true,
    documentDownloadType: 'json',
    hideModels: true,
    orderSchemaPropertiesBy: 'preserve',
    orderRequiredPropertiesFirst: true,
    defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  });
}

start(configuration);
