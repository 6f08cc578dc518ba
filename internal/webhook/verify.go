package webhook

import "embed"

// VerifyFS has functions in several languages, by which a receiver checks the signature of a delivery.
//
//go:embed verify
var VerifyFS embed.FS
