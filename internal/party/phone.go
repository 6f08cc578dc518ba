package party

import "github.com/taphoa/taphoa/internal/party/plan"

// PhoneKey is [plan.PhoneKey].
func PhoneKey(number string) string { return plan.PhoneKey(number) }
