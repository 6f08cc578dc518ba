package api

import (
	"net/http"
	"strings"

	"github.com/taphoa/taphoa"
)

// dryRunHeader asks that a write is carried out, answered and rolled back.
const dryRunHeader = "Taphoa-Dry-Run"

// dryRunOf reports whether a request wants a dry run. It returns a 400 for a value other than true and false.
func dryRunOf(r *http.Request) (bool, error) {
	values := r.Header[dryRunHeader]
	switch {
	case len(values) == 0, len(values) == 1 && strings.EqualFold(values[0], "false"):
		return false, nil
	case len(values) == 1 && strings.EqualFold(values[0], "true"):
		return true, nil
	}
	return false, taphoa.Unreadable(dryRunHeader, "Tiêu đề %s phải là true (chạy thử, không lưu gì) hoặc false và chỉ gửi một lần", dryRunHeader)
}
