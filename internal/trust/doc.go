// Package trust makes programs trust the authority of a sandbox: with files and variables for one command ([Bundle]), or in the
// system's own store and hosts file ([Install], [AddHosts]). What each language needs is data ([Table]), of which the
// documentation is made.
//
// It owns lines of the hosts file between its markers, and in the system's stores the certificates whose names begin with
// [Maker].
//
// Invariants:
//
//  1. No file has a key: that of the authority and that of the certificate are in memory only.
//  2. A program trusts what it has trusted before, too: the system's certificates, and those of variables that were set.
//  3. A hosts file is the old or the new one at any time, keeps mode, owner and line ends, and outside of the markers not one
//     byte changes. With unbalanced markers it is not written.
//  4. Lines of a process that is gone are removed at the next occasion; a number of a process that another one has now is no process
//     that is there.
//  5. Nothing of the system's store changes without a yes, and only certificates of sandboxes are removed from it.
package trust
