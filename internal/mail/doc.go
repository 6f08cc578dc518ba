// Package mail sends plain-text mail through one SMTP server ([Server]). It has no database.
//
// Invariants:
//
//  1. User, password and text leave the machine encrypted only (STARTTLS or TLS from the start), to a server whose certificate is
//     valid for its name.
//  2. What names, addresses and subjects contain ends up in no other header, recipient or command.
//  3. An error has no password, no text of the mail, and no words of the server, which may repeat both.
package mail
