package webhook

import "embed"

// VerifyFS has functions in several languages that check the signature of a delivery.
//
//go:embed verify
var VerifyFS embed.FS
