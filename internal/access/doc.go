// Package access is how people come in: their passwords, second factors, sessions and one-time links. An account is a user of
// a shop (package org) with a way to sign in; the shop's super administrator is its owner. It owns the tables access_accounts,
// access_recovery_codes, access_passkeys, access_challenge_key, access_used_challenges, access_sessions, access_links and access_setup,
// which are written without the head of the shop.
//
// Invariants:
//
//  1. Passwords, tokens, secrets of links and recovery codes leave the process once, to the person they are for; tables and logs
//     hold hashes at most. The secret of a second factor is stored as it is, since codes are worked out from it.
//  2. A password is hashed outside of transactions, at most [hashers] at once, with [queueLength] behind them.
//  3. An unknown shop, an unknown or removed user, one without a password or whose last day is over, and a wrong password are told
//     alike, in the same time. Failures delay the account in the caller's network and those who are new to the network, never the
//     account elsewhere.
//  4. A session's token is replaced whenever the session may do more than before: second factor, password or passkey asked for again,
//     password changed, passkey added or removed. The token before is dead.
//  5. A session ends at once with its user, with the account's last day, with a new password or the removal of a passkey from another
//     session, and when it is ended from another one. It ends [idleTime] after its last use, and [lifeTime] after it began.
//  6. A code of the second factor, a recovery code, a link and a challenge count once, whatever comes at the same time and to whichever
//     copy of the server.
//  7. Who is not signed in gets a link sent to the address of the account, never shown: one in [askTime], for an account that has a
//     password, and not in the place of a link that another person has made.
//  8. What asks for the password again is refused [confirmTime] after it, or a passkey, was last given, whatever page was shown.
//  9. A passkey is both factors: its authenticator has verified the person. It is good at the host that it was made for, for the
//     purpose and the session of the challenge that it signs, and while the account has a password. Who asks for challenges has
//     nothing stored.
package access
