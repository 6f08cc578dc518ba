// Package passkeytest has an authenticator in software, together with the browser that asks it, for tests of passkeys (WebAuthn). It
// says and signs what a test wants it to.
package passkeytest
