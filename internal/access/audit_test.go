package access_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/right"
)

// logged are the entries of the audit log, the oldest first: operation, record and changes.
func (s *shop) logged() (all []string) {
	s.Helper()
	s.read(func(tx *db.Tx) error {
		page, err := audit.List(tx, &taphoa.AuditQuery{Limit: taphoa.AuditLimitMax}, nil)
		for _, e := range slices.Backward(page.Data) {
			line := fmt.Sprintf("%s %s %s", e.UserName, e.Operation, e.Record)
			for _, c := range e.Changes {
				line += fmt.Sprintf(" %s:%s→%s", c.Member, c.Before, c.After)
			}
			all = append(all, strings.Join(strings.Fields(line), " "))
		}
		return err
	})
	return all
}

// TestWhoComesInIsInTheAuditLog, and what changes how they come in; what only they may know is not.
func TestWhoComesInIsInTheAuditLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		refusals := audit.NewRefusals(d, slog.Default())
		s := openShop(t, access.New(d, access.Options{Refused: refusals}), d, clock, new(dbtest.Log), "cobien")
		_, owner := s.owner()
		link, _, err := s.Invite(t.Context(), owner, s.lan)
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := s.AcceptLink(t.Context(), link, lansPassword, home)
		if err != nil {
			t.Fatal(err)
		}
		const pin, newPassword = "284613", "mưa phùn tháng giêng"
		if token, err = s.ChangePassword(t.Context(), token, lansPassword, newPassword, home); err != nil {
			t.Fatal(err)
		}
		token, secret, recovery := s.secondFactor(token)
		if err := s.SetPIN(t.Context(), s.session(token), pin); err != nil {
			t.Fatal(err)
		}
		role, err := s.SaveRole(t.Context(), owner, right.Role{Name: "Kho lạnh", Set: right.Of(right.SeeProducts)})
		if err == nil {
			_, err = s.SaveRole(t.Context(), owner, right.Role{ID: role, Name: "Kho lạnh", Set: right.Of(right.SeeProducts, right.SeeCost)})
		}
		if err == nil {
			err = s.SetUserRoles(t.Context(), owner, s.lan, []access.UserRole{{Role: role}})
		}
		if err == nil {
			err = s.SetUserRoles(t.Context(), owner, s.lan, nil)
		}
		if err == nil {
			err = s.RemoveRole(t.Context(), owner, role)
		}
		if err == nil {
			err = s.SetEnd(t.Context(), owner, s.lan, taphoa.Some(clock.Now().Day()))
		}
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_, _, err = s.try("admin", wrong, home)
			refused(t, err, wrongNames)
			_, _, err = s.try(wrong, wrong, home)
			refused(t, err, wrongNames)
		}
		_, err = s.Approve(t.Context(), owner, s.lan, "111222", "deleteInvoiceById 1", right.VoidInvoices)
		refused(t, err, "Mã PIN không đúng")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		refusals.Run(ended)
		day := clock.Now().Day()
		want := []string{
			"admin signIn", "admin inviteUser lan", "lan acceptLink", "lan changePassword", "lan enableSecondFactor", "lan setPIN",
			`admin saveRole Kho lạnh rights:null→"products.see"`, `admin saveRole Kho lạnh rights:"products.see"→"products.see cost.see"`,
			`admin setUserRoles lan roles:""→"Kho lạnh"`, `admin setUserRoles lan roles:"Kho lạnh"→""`, "admin removeRole Kho lạnh",
			`admin setAccountEnd lan endsOn:null→"` + day.String() + `"`, "admin approvalRefused", "admin signInRefused times:null→3",
		}
		got := s.logged()
		if slices.Sort(got[len(got)-2:]); !slices.Equal(got, want) { // the two that were written together
			t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		all := strings.Join(s.auditRows(), "\n")
		for _, unsaid := range append(recovery, ownersPassword, lansPassword, newPassword, wrong, pin, link, token, secret) {
			if strings.Contains(all, unsaid) {
				t.Errorf("the log has %q", unsaid)
			}
		}
	})
}

// auditRows are the texts of the audit log as they are stored.
func (s *shop) auditRows() (rows []string) {
	s.Helper()
	s.read(func(tx *db.Tx) error {
		return tx.Each(func(row db.Row) error {
			rows = append(rows, row.Text(0))
			return nil
		}, `SELECT client_id || ' ' || address || ' ' || request_id || ' ' || operation || ' ' || record || ' ' || changes FROM audit_log WHERE retailer_id = :retailer`)
	})
	return rows
}
