// Package certificate provides the server's TLS certificate: from files that are read again when they change ([Files]), from an
// authority by ACME ([ACME]), or from an authority of its own whose key is not kept ([Local], and [Memory] without files), with
// the page on which phones get its certificate ([Page]). It has no database.
//
// Invariants:
//
//  1. A listener that has served a handshake goes on serving: what cannot be read, is not whole or cannot be renewed is logged,
//     and the certificate in use stays.
//  2. The key of a local authority is in memory while it signs one certificate, and nowhere else.
//  3. A local authority can sign for the names and addresses of its one certificate only (name constraints), and for no other
//     authority.
package certificate
