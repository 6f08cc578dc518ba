package oauth

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
)

const (
	urisMax   = 10   // of a kind, of a client
	uriLength = 1000 // bytes
)

// What follows the host of an address of ours to compare: characters that URLs have, without a fragment. Addresses are compared as
// text, so that no two readers of one can understand it differently.
const uriRest = `([/?][A-Za-z0-9._~:/?@!$&()+,;=%-]*)?`

var (
	webURI      = regexp.MustCompile(`^https://` + hostExpression + uriRest + `$`)
	loopbackURI = regexp.MustCompile(`^(http://(?:127\.0\.0\.1|\[::1\]|localhost))(:[0-9]{1,5})?` + uriRest + `$`)
	appURI      = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/[A-Za-z0-9._~:/?@!$&()+,;=%-]*$`)
)

// validateURIs refuses addresses that no one may be sent to, and a client that is two things at once.
func (in *ClientInput) validateURIs() error {
	if err := validURIs("redirect", in.Redirects, in.Public); err != nil {
		return err
	}
	if err := validURIs("logout", in.Logouts, in.Public); err != nil {
		return err
	}
	switch signsIn := len(in.Redirects) > 0; {
	case in.Public && !signsIn:
		return SomeRedirect(nil)
	case !signsIn && len(in.Logouts) > 0:
		return taphoa.Refuse(taphoa.CodeValidate, "redirect", "Địa chỉ sau khi đăng xuất chỉ đi với địa chỉ quay lại (redirect)")
	case signsIn && (in.PersonID != 0 || in.RoleID != 0 || in.BranchID != 0):
		return taphoa.Refuse(taphoa.CodeValidate, "redirect",
			"Ứng dụng đăng nhập làm việc theo quyền của người đăng nhập, không theo vai trò, người hay chi nhánh đã chọn")
	}
	return nil
}

// SomeRedirect refuses a client that people are to sign in to without an address to go back to: it would act for itself, as the owner.
func SomeRedirect(redirects []string) error {
	if len(redirects) == 0 {
		return taphoa.Refuse(taphoa.CodeValidate, "redirect", "Ứng dụng đăng nhập cần ít nhất một địa chỉ quay lại (redirect)")
	}
	return nil
}

func validURIs(field string, uris []string, public bool) error {
	if len(uris) > urisMax {
		return taphoa.Refuse(taphoa.CodeValidate, field, "Không được quá %d địa chỉ (%s)", urisMax, field)
	}
	for i, uri := range uris {
		parsed, err := url.Parse(uri)
		switch {
		case err != nil || !validPort(parsed.Port()) || len(uri) > uriLength || slices.Contains(uris[:i], uri),
			!webURI.MatchString(uri) && !loopbackURI.MatchString(uri) && !(public && appURI.MatchString(uri)):
			return taphoa.Refuse(taphoa.CodeValidate, field,
				"Địa chỉ %s (%s) không dùng được: cần địa chỉ https đầy đủ, http của chính máy người dùng (localhost, 127.0.0.1), hoặc com.example.app:/… của ứng dụng công khai, không có # hay *",
				uri, field)
		}
	}
	return nil
}

// validPort reports whether a port is none, or one that there is.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// registered reports whether an address is one of those of a client: the same text, but for the port of this machine, where an app
// listens at any that is free (RFC 8252, section 7.3).
func registered(uris []string, given string) bool {
	at := loopbackURI.FindStringSubmatch(given)
	return slices.ContainsFunc(uris, func(uri string) bool {
		own := loopbackURI.FindStringSubmatch(uri)
		return uri == given || at != nil && own != nil && at[1] == own[1] && at[3] == own[3]
	})
}

// withParameters is an address with parameters behind those that it has.
func withParameters(uri string, parameters url.Values) string {
	for name, values := range parameters {
		if values[0] == "" {
			parameters.Del(name)
		}
	}
	switch {
	case len(parameters) == 0:
		return uri
	case strings.Contains(uri, "?"):
		return uri + "&" + parameters.Encode()
	}
	return uri + "?" + parameters.Encode()
}
