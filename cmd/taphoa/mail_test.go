package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/mailtest"
)

// TestFlagsOfTheMailServerAreRefused where they are incomplete or invalid, without the password.
func TestFlagsOfTheMailServerAreRefused(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + t.TempDir() + "/taphoa.db"}
	const smtp, from, public = "--smtp-url=smtps://u:bimat@mail.example", "--smtp-from=a@shop.example", "--public-url=https://shop.example"
	for _, c := range []struct {
		words string
		args  []string
	}{
		{"--smtp-url and --smtp-from belong together", []string{smtp, public}},
		{"--smtp-url and --smtp-from belong together", []string{from, public}},
		{"--smtp-url needs --public-url", []string{smtp, from}},
		{"--smtp-url must be a URL such as smtp://USER:PASSWORD@mail.example:587", []string{"--smtp-url=http://u:bimat@mail.example", from, public}},
		{"in a password write %40 for @, %3A for :", []string{"--smtp-url=smtp://u:bi/mat@mail.example", from, public}},
		{"--smtp-from must be an address", []string{smtp, "--smtp-from=shop", public}},
		{"--smtp-url và --smtp-from phải đi cùng nhau", []string{smtp, "--lang=vi"}},
	} {
		args := append([]string{"serve", "--create"}, c.args...)
		x.refused(c.words, args...)
		if _, out, faults := x.try(args...); strings.Contains(out+faults, "mat") {
			t.Errorf("%v: %s%s", args, out, faults)
		}
	}
}

// TestAForgottenPasswordIsResetByMail, by the program itself; the log has neither the link nor the server's password.
func TestAForgottenPasswordIsResetByMail(t *testing.T) {
	eachEngine(t, func(x terminal) {
		stub := mailtest.New(x.T, mailtest.Options{Auth: "PLAIN"})
		x.do("shop", "create", "cobien", "Cô Biển")
		x.do("user", "create", "lan", "Chị Lan", "--email", "lan@cobien.example")
		invited := secretOf(x.T, x.do("user", "invite", "lan"), "http://127.0.0.1:8080/console/link")
		x.people(func(_ *db.DB, s *access.Service) {
			if _, _, err := s.AcceptLink(x.Context(), invited, "mưa rào tháng sáu", access.Caller{}); err != nil {
				x.Fatal(err)
			}
		})
		x.variables = map[string]string{"TAPHOA_SMTP_URL": "smtp://may:b%2Fi-mat@" + stub.Addr()}
		s := x.serve("--public-url=https://cobien.example", "--smtp-from=Taphoa <a@cobien.example>", "--log-level=debug")
		answer, err := http.PostForm(s.base+"/console/forgotten", url.Values{"shop": {"cobien"}, "userName": {"lan"}})
		if err != nil || answer.StatusCode != http.StatusOK {
			x.Fatalf("%v %v", answer, err)
		}
		answer.Body.Close()
		mails := stub.Await(1)
		if len(mails) != 1 || mails[0].Login == "" {
			x.Fatalf("mails: %+v", mails)
		}
		_, _, text := mails[0].Parse(x.T)
		secret := secretOf(x.T, text, "https://cobien.example/console/link")
		x.people(func(_ *db.DB, s *access.Service) {
			if link, err := s.Link(x.Context(), secret); err != nil || link.UserName != "lan" || link.Kind != access.KindReset {
				x.Errorf("the link is %+v: %v", link, err)
			}
		})
		s.stop()
		s.ends()
		printed, logged := s.text()
		for _, word := range []string{secret, "i-mat", "b%2Fi"} {
			if strings.Contains(printed+logged, word) {
				x.Errorf("%q is printed or logged", word)
			}
		}
	})
}
