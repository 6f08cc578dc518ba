// Signs a person in with oauth4webapi: prints the address to visit, reads where the person was sent, and prints what it has got.
import { createInterface } from "node:readline";
import * as oauth from "./oauth4webapi.mjs";

const [issuerText, clientID, secret, redirect, skew] = process.argv.slice(2);
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(issuerText);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: clientID, [oauth.clockSkew]: Number(skew) }; // the clock of the test
const auth = secret ? oauth.ClientSecretBasic(secret) : oauth.None();
const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState(), nonce = oauth.generateRandomNonce();

const visit = new URL(as.authorization_endpoint);
for (const [name, value] of Object.entries({
	client_id: clientID, redirect_uri: redirect, response_type: "code", scope: "openid profile email offline_access PublicApi.Access",
	code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", state, nonce,
})) visit.searchParams.set(name, value);
console.log(visit.href);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const back = new URL((await lines.next()).value);
const parameters = oauth.validateAuthResponse(as, client, back, state);
const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, redirect, verifier, insecure);
const got = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: nonce, requireIdToken: true });
const claims = oauth.getValidatedIdTokenClaims(got);
const user = await oauth.processUserInfoResponse(as, client, claims.sub, await oauth.userInfoRequest(as, client, got.access_token, insecure));
const renewed = await oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, got.refresh_token, insecure));
console.log(JSON.stringify({ user, access: renewed.access_token, rotated: renewed.refresh_token !== got.refresh_token }));

await lines.next(); // the token is looked at meanwhile
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, renewed.refresh_token, insecure));
process.exit(0);
