// Package oauth authenticates the programs that call the API: clients and their secrets, the tokens that they get, and the
// keys that sign them (contract authentication); and it lets people sign in to programs that then act for them (OpenID Connect, with the
// pages of package console). It owns the tables oauth_keys, oauth_clients, oauth_client_uses, oauth_consents and oauth_grants, of which
// the last three are written without the head of the shop.
//
// Tokens are JWTs that clients decode without checking, so their claims and even their base64 text are part of the
// contract. They are not stored: a client may have any number of valid tokens, and any process on the database verifies
// them.
//
// Invariants:
//
//  1. A token is valid only while its client is active and in the generation (tokens_from) in which the token was issued.
//     Comparing generations, not instants, refuses tokens that a process with a stale cache issued for an old secret, and
//     accepts a token that was issued in the second of the change or by a machine whose clock is late.
//  2. A change of a client, a grant or an account takes effect within [clientMaxAge] in every process, and in this one at once after
//     [Service.Forget] or [Service.ForgetGrants]. A new client or secret is not refused because of a stale cache.
//  3. A secret leaves the process once, when it is created (twice for a form that is sent twice); tables, caches, logs and tokens hold its
//     SHA-256 at most. So do codes; a refresh token leaves it twice where its answer may have been lost.
//  4. The base64url text of a token's payload is plain base64: it has neither '-' nor '_'.
//  5. Wrong credentials delay the client in the caller's network, and clients that are new to the network: no caller locks out a
//     client in another one. Unknown, revoked and known clients are told alike, in the same time.
//  6. A client acts for itself or for people, never both. A person's token allows what its scopes and the person's rights both do,
//     and ends with its grant, the account, and the password that the person had.
//  7. People are sent to registered addresses alone ([registered]); a request with another one gets a page, and no redirect.
//  8. A code and a refresh token count once; the second use ends the grant. Only the last refresh token before is answered again,
//     with the same one, within [rotateGrace].
//  9. A key is published for longer than others keep the key set before it signs, and until its last token has expired.
package oauth
