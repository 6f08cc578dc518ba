// Package oauth is the door at which a program shows who it is: clients and their secrets, the tokens that they get,
// and the key that signs them (contract authentication). It owns the tables oauth_keys and oauth_clients.
//
// Tokens are JWTs that clients decode without checking, so their claims and even their base64 text are part of the
// contract. They are not stored: any number of them live side by side, and any process on the database verifies them.
//
// Invariants:
//
//  1. A token is honoured only while its client is active and still in the generation (tokens_from) in which the token
//     was issued. Comparing generations, not instants, refuses what a process with an old view issued for an old
//     secret, and lets a token live that was issued in the second of the change or by a machine whose clock is behind.
//  2. What is written to a client takes effect within [clientAge] in every process, and in this one at once after
//     [Service.Forget]. What has been added since (a new client, a new secret) is not refused because of an old view.
//  3. A secret leaves the process once, when it is made; tables, caches, logs and tokens hold its SHA-256 at most.
//  4. The base64url text of a token's payload is plain base64: it has neither '-' nor '_'.
package oauth
