package access_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
)

// branches are two of the shop's, the second of which is made.
func (s *shop) branches() (first, second int64) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		made, err := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: "Thảo Điền"})
		if err != nil {
			return err
		}
		list, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}})
		first, second = list.Data[0].ID, made.ID
		return err
	})
	return first, second
}

// assign gives a user roles.
func (s *shop) assign(user int64, roles ...access.UserRole) {
	s.Helper()
	_, owner := s.owner()
	if err := s.SetUserRoles(s.Context(), owner, user, roles); err != nil {
		s.Fatal(err)
	}
}

// TestAnOwnerMakesARole for Lan, who gets what it allows where it was given, with her next request, and another token.
func TestAnOwnerMakesARole(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		first, second := s.branches()
		token := s.invite(s.lan, lansPassword)
		if lan := s.session(token); !lan.Held.None() || lan.Held.Somewhere().Has(right.Anyone) {
			t.Errorf("without a role Lan holds %s", lan.Held.Key())
		}
		_, owner := s.owner()
		set := right.Of(right.SeeInvoices, right.Discount)
		set.Percent, set.Amount = taphoa.Ratio(10), taphoa.Dong(50_000)
		id, err := s.SaveRole(ctx, owner, right.Role{Name: "  Bán sỉ ", Set: set})
		if err != nil || id <= right.BuiltInMax {
			t.Fatalf("role %d: %v", id, err)
		}
		s.assign(s.lan, access.UserRole{Role: id, Branch: second}, access.UserRole{Role: right.StockRole, Branch: first}, access.UserRole{Role: id, Branch: second})
		lan := s.session(token)
		if !lan.Outdated || lan.Held.At(second) != set || !lan.Held.At(first).Has(right.CreateTransfers) || lan.Held.At(first).Has(right.SeeInvoices) {
			t.Errorf("Lan holds %s", lan.Held.Key())
		}
		if err := s.WorkAt(ctx, lan, second); err != nil {
			t.Fatal(err)
		}
		if lan = s.session(token); lan.Branch != second || lan.Held.Somewhere() != set {
			t.Errorf("at the second branch Lan holds %s", lan.Held.Key())
		}
		set.Percent = taphoa.Ratio(20)
		if _, err := s.SaveRole(ctx, owner, right.Role{ID: id, Name: "Bán sỉ", Set: set}); err != nil {
			t.Fatal(err)
		}
		if lan = s.session(token); lan.Held.Somewhere() != set {
			t.Errorf("after the change Lan holds %s", lan.Held.Key())
		}
		refused(t, s.RemoveRole(ctx, owner, id), "đang có người giữ")
		s.assign(s.lan, access.UserRole{Role: right.StockRole, Branch: first}) // she works at a branch where she has no role any more
		if lan = s.session(token); lan.Branch != first || !lan.Held.At(first).Has(right.CreateTransfers) || lan.Held.At(second) != (right.Set{}) {
			t.Errorf("at %d Lan holds %s", lan.Branch, lan.Held.Key())
		}
		refused(t, s.WorkAt(ctx, lan, second), "không có vai trò ở chi nhánh này")
		if err := s.RemoveRole(ctx, owner, id); err != nil {
			t.Error(err)
		}
		all, err := s.Roles(ctx, owner)
		if err != nil || len(all) != len(right.BuiltIn()) {
			t.Errorf("the roles are %v: %v", all, err)
		}
	})
}

// TestARoleOfTheShopIsNoWayToTheOwners: what is refused, of roles and of who asks for them.
func TestARoleOfTheShopIsNoWayToTheOwners(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		first, _ := s.branches()
		_, owner := s.owner()
		ok := right.Of(right.SeeInvoices)
		for words, role := range map[string]right.Role{
			"không được để trống":          {Set: ok},
			"không được quá 50":            {Name: strings.Repeat("â", 51), Set: ok},
			"Vai trò chủ cửa hàng":         {Name: "Sếp", Set: right.All},
			"không sửa được":               {ID: right.OwnerRole, Name: "Chủ", Set: ok},
			"Vai trò quản lý đã tồn tại":   {Name: "quản lý", Set: ok},
			"Vai trò không tồn tại":        {ID: 4711, Name: "Ma", Set: ok},
			"phải từ 0 đến 100 %":          {Name: "A", Set: right.Set{Percent: taphoa.Ratio(101)}},
			"phải là số tiền nguyên từ 0 ": {Name: "B", Set: right.Set{Amount: taphoa.Dong(-1)}},
		} {
			_, err := s.SaveRole(ctx, owner, role)
			refused(t, err, words)
		}
		refused(t, s.RemoveRole(ctx, owner, right.ManagerRole), "không xóa được")
		refused(t, s.RemoveRole(ctx, owner, 4711), "không tồn tại")
		for words, roles := range map[string][]access.UserRole{
			"Vai trò không tồn tại":   {{Role: 4711}},
			"Chi nhánh không tồn tại": {{Role: right.ManagerRole, Branch: 4711}},
			"của toàn cửa hàng":       {{Role: right.OwnerRole, Branch: first}},
			"chỉ có được 200 vai trò": make([]access.UserRole, 201),
		} {
			refused(t, s.SetUserRoles(ctx, owner, s.lan, roles), words)
		}
		refused(t, s.SetUserRoles(ctx, owner, s.actor.User, nil), "Chủ cửa hàng có mọi quyền")
		refused(t, s.SetUserRoles(ctx, owner, 4711, nil), "Người dùng không tồn tại")

		token := s.invite(s.lan, lansPassword)
		for _, role := range []int64{0, right.ManagerRole} {
			if role != 0 {
				s.assign(s.lan, access.UserRole{Role: role})
			}
			lan := s.session(token)
			_, err1 := s.Roles(ctx, lan)
			_, err2 := s.SaveRole(ctx, lan, right.Role{Name: "Ma", Set: ok})
			_, err3 := s.UserRoles(ctx, lan)
			for _, err := range []error{err1, err2, err3, s.RemoveRole(ctx, lan, 1), s.SetUserRoles(ctx, lan, s.lan, nil), s.SetEnd(ctx, lan, s.lan, taphoa.Opt[taphoa.Time]{})} {
				if !errors.Is(err, access.ErrNotOwner) {
					t.Errorf("with role %d Lan is told %v", role, err)
				}
			}
		}
		s.assign(s.lan, access.UserRole{Role: right.OwnerRole}) // a partner
		if _, err := s.Roles(ctx, s.session(token)); err != nil {
			t.Errorf("a second owner: %v", err)
		}
		s.clock.Advance(11 * minute)
		_, err := s.SaveRole(ctx, owner, right.Role{Name: "Muộn", Set: ok})
		if !errors.Is(err, access.ErrUnconfirmed) || !errors.Is(s.SetUserRoles(ctx, owner, s.lan, nil), access.ErrUnconfirmed) {
			t.Errorf("long after the password: %v", err)
		}
		if _, err := s.Roles(ctx, access.Session{Account: access.Account{Retailer: s.actor.Retailer}}); !errors.Is(err, access.ErrNotOwner) {
			t.Errorf("a session of nobody lists roles: %v", err)
		}
	})
}

// TestWhoCouldSignInIsAManager opens a database of the version before, in which all users with a password could do most things.
func TestWhoCouldSignInIsAManager(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, clock := dbtest.URL(t, engine), dbtest.NewClock()
			d, err := db.Open(t.Context(), url, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			dbtest.MigrateBefore(t, d, "0043", `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 'cobien', 'cobien', 'Cô Biển', 1);
				INSERT INTO shop_heads (retailer_id, at) VALUES (1, 1);
				INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, is_admin, created_date, changed_at)
				VALUES (1, 1, 'admin', 'admin', 'Admin', 'admin admin', TRUE, 1, 1), (1, 2, 'lan', 'lan', 'Chị Lan', 'chi lan lan', FALSE, 1, 1),
					(1, 3, 'mai', 'mai', 'Mai', 'mai mai', FALSE, 1, 1);
				INSERT INTO access_accounts (retailer_id, user_id, password_hash) VALUES (1, 1, 'x'), (1, 2, 'x'), (1, 3, NULL);`)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			d = dbtest.Open(t, url, clock)
			manager := right.BuiltIn()[right.ManagerRole-1].Set
			for user, want := range map[int64]right.Set{1: right.All, 2: manager, 3: {}} {
				err := d.Write(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
					_, session, err := access.StartSession(tx, user, home)
					if got := session.Held.At(0); err == nil && got != want {
						t.Errorf("user %d holds %s", user, got.Text())
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// pin gives a user with a session a PIN.
func (s *shop) pin(session access.Session, pin string) {
	s.Helper()
	if err := s.SetPIN(s.Context(), session, pin); err != nil {
		s.Fatal(err)
	}
}

func TestPINsThatAreEasyToGuessAreRefused(t *testing.T) {
	for pin, words := range map[string]string{
		"": "đúng 6 chữ số", "12345": "đúng 6 chữ số", "1234567": "đúng 6 chữ số", "12a456": "đúng 6 chữ số", "１２３４５６": "đúng 6 chữ số", "     1": "đúng 6 chữ số",
		"123456": "dễ đoán", "654321": "dễ đoán", "000000": "dễ đoán", "121212": "dễ đoán", "123123": "dễ đoán", "567890": "dễ đoán",
	} {
		refused(t, access.CheckPIN(pin), words)
	}
	for _, pin := range []string{"271828", "904613", "100200"} {
		if err := access.CheckPIN(pin); err != nil {
			t.Errorf("%s: %v", pin, err)
		}
	}
}

// counter is a shop where Mai manages the first branch and Hùng the second, both with a PIN, and Lan sells at the first.
func (s *shop) counter() (lan access.Session, mai, hung, first, second int64) {
	s.Helper()
	first, second = s.branches()
	mai, hung = s.hire("mai", "Mai"), s.hire("hung", "Hùng")
	for user, role := range map[int64]access.UserRole{
		s.lan: {Role: right.CashierRole, Branch: first}, mai: {Role: right.ManagerRole, Branch: first}, hung: {Role: right.ManagerRole, Branch: second},
	} {
		token := s.invite(user, lansPassword)
		s.assign(user, role)
		if user != s.lan {
			s.pin(s.session(token), maisPIN)
		}
		session := s.session(token)
		if err := s.WorkAt(s.Context(), session, role.Branch); err != nil {
			s.Fatal(err)
		}
		if user == s.lan {
			lan = s.session(token)
		}
	}
	return lan, mai, hung, first, second
}

var errPlain = errors.New("plain")

const (
	maisPIN  = "271828"
	wrongPIN = "904613"
	void     = "deleteInvoiceById"
)

// use carries out what was allowed, as a write of Lan.
func (s *shop) use(user int64, secret, operation string, op func(tx *db.Tx) error) error {
	held := right.Hold(user)
	return s.db.Write(s.Context(), db.Actor{Retailer: s.actor.Retailer, User: user, Held: held}, func(tx *db.Tx) error {
		if err := access.UseApproval(tx, secret, operation); err != nil {
			return err
		}
		return op(tx)
	})
}

// TestAManagerApprovesOfOneOperation: with the PIN, at the branch, for a minute, once.
func TestAManagerApprovesOfOneOperation(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		lan, mai, hung, first, second := s.counter()
		who, err := s.Approvers(ctx, lan, right.VoidInvoices)
		if err != nil || len(who) != 1 || who[0] != (access.Approver{User: mai, GivenName: "Mai"}) {
			t.Errorf("who may allow it: %v %v", who, err)
		}
		secret, err := s.Approve(ctx, lan, mai, maisPIN, void, right.VoidInvoices)
		if err != nil {
			t.Fatal(err)
		}
		voids := func(want bool) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				actor := tx.Actor()
				if got := actor.Held.At(first).Has(right.VoidInvoices); got != want || actor.Held.At(second).Has(right.VoidInvoices) || actor.ApproverID != mai {
					return fmt.Errorf("may void: %v, by %d", got, actor.ApproverID)
				}
				if actor.Held.At(first).Has(right.ChangeInvoices) {
					return errors.New("more is lent than she lacked")
				}
				if actor.Own.Somewhere().Has(right.VoidInvoices) || actor.Tell(right.SeeCost, nil, errPlain) == nil {
					return errors.New("she is shown what the approver sees")
				}
				return nil
			}
		}
		refused(t, s.use(s.lan, secret, "updateInvoice", voids(true)), "đã được dùng hoặc đã hết hạn") // another operation
		refused(t, s.use(hung, secret, void, voids(true)), "đã được dùng hoặc đã hết hạn")             // another person
		boom := errors.New("boom")
		if err := s.use(s.lan, secret, void, func(*db.Tx) error { return boom }); !errors.Is(err, boom) { // it is not used up by what fails
			t.Fatal(err)
		}
		if won := atOnce(t, "đã được dùng", func(int) error { return s.use(s.lan, secret, void, voids(true)) }); won != 1 {
			t.Errorf("it counts %d times", won)
		}
		late, err := s.Approve(ctx, lan, mai, maisPIN, void, right.VoidInvoices)
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(minute)
		refused(t, s.use(s.lan, late, void, voids(true)), "đã hết hạn")
		refused(t, s.use(s.lan, "", void, voids(true)), "đã hết hạn")

		if err := s.WorkAt(ctx, lan, 0); err != nil {
			t.Fatal(err)
		}
		s.assign(s.lan, access.UserRole{Role: right.CashierRole, Branch: first}, access.UserRole{Role: right.CashierRole, Branch: second})
		wanders := lan
		wanders.Branch, wanders.Held = 0, right.Hold(s.lan, right.Grant{Branch: first, Set: right.Of()}, right.Grant{Branch: second, Set: right.Of()})
		_, err = s.Approve(ctx, wanders, mai, maisPIN, void, right.VoidInvoices)
		refused(t, err, "Hãy chọn chi nhánh")

		// Hùng manages another branch: his PIN is right, and allows nothing here.
		elsewhere, err := s.Approve(ctx, lan, hung, maisPIN, void, right.VoidInvoices)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.use(s.lan, elsewhere, void, func(tx *db.Tx) error {
			if actor := tx.Actor(); actor.Held.At(first).Has(right.VoidInvoices) || actor.Held.At(second).Has(right.VoidInvoices) {
				return errors.New("he allows it")
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		// What Mai may no longer do, she does not allow either.
		after, err := s.Approve(ctx, lan, mai, maisPIN, void, right.VoidInvoices)
		if err != nil {
			t.Fatal(err)
		}
		s.assign(mai, access.UserRole{Role: right.ReaderRole, Branch: first})
		if err := s.use(s.lan, after, void, voids(false)); err != nil {
			t.Error(err)
		}
	})
}

// TestAPINIsGuessedFiveTimes, by whomever, at once or in a row; then it is locked for 15 minutes, whatever the clock does.
func TestAPINIsGuessedFiveTimes(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		lan, mai, _, _, _ := s.counter()
		guess := func(pin string) error {
			_, err := s.Approve(ctx, lan, mai, pin, void, right.VoidInvoices)
			return err
		}
		for range 4 {
			refused(t, guess(wrongPIN), "Mã PIN không đúng")
		}
		if err := guess(maisPIN); err != nil { // which ends the row
			t.Fatal(err)
		}
		tried := 0
		for range 20 {
			if err := guess(wrongPIN); strings.Contains(fmt.Sprint(err), "không đúng") {
				tried++
			}
		}
		if tried != 5 {
			t.Errorf("%d PINs are tried", tried)
		}
		refused(t, guess(maisPIN), "bị khóa vì sai nhiều lần, hãy thử lại sau 15 phút")
		s.clock.Advance(15*minute - 1)
		refused(t, guess(maisPIN), "hãy thử lại sau 1 phút")
		s.clock.Advance(1)
		if err := guess(maisPIN); err != nil {
			t.Errorf("after 15 minutes: %v", err)
		}
		atOnce(t, "Mã PIN", func(int) error { return guess(wrongPIN) })
		refused(t, guess(maisPIN), "bị khóa")
		s.clock.Advance(-day) // it was a day ahead
		if err := guess(maisPIN); err != nil {
			t.Errorf("after the clock was put right: %v", err)
		}
		for words, approver := range map[string]int64{"là người khác": s.lan, "Người dùng không tồn tại": 4711, "không có mã PIN": s.actor.User} {
			_, err := s.Approve(ctx, lan, approver, maisPIN, void, right.VoidInvoices)
			refused(t, err, words)
		}
		s.remove(mai)
		refused(t, guess(maisPIN), "Người dùng không tồn tại")
		if lines := s.log.Lines("a wrong PIN was given"); len(lines) < 9 || strings.Contains(fmt.Sprint(lines), wrongPIN) {
			t.Errorf("the log has %v", lines)
		}
	})
}

// TestAPINIsSetAfterThePassword, and taken away.
func TestAPINIsSetAfterThePassword(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		lan, mai, _, _, _ := s.counter()
		_, session := s.signIn("mai", lansPassword, home)
		s.clock.Advance(11 * minute)
		if err := s.SetPIN(t.Context(), session, wrongPIN); !errors.Is(err, access.ErrUnconfirmed) {
			t.Errorf("long after the password: %v", err)
		}
		_, session = s.signIn("mai", lansPassword, home)
		refused(t, s.SetPIN(t.Context(), session, "111111"), "dễ đoán")
		link := ""
		for name, reset := range map[string]func(){
			"by the operator": func() {
				s.write(func(tx *db.Tx) (err error) { link, _, err = access.Reset(tx, mai, false); return err })
			},
			"by the owner": func() {
				_, owner := s.owner()
				var err error
				if link, _, err = s.Invite(t.Context(), owner, mai); err == nil {
					_, _, err = s.AcceptLink(t.Context(), link, lansPassword, home)
				}
				if err != nil {
					t.Fatal(err)
				}
			},
		} {
			reset()
			_, err := s.Approve(t.Context(), lan, mai, maisPIN, void, right.VoidInvoices)
			if refused(t, err, "không có mã PIN"); t.Failed() {
				t.Fatalf("after a reset %s", name)
			}
			if _, _, err := s.AcceptLink(t.Context(), link, lansPassword, home); name == "by the operator" && err != nil {
				t.Fatal(err)
			}
			_, session = s.signIn("mai", lansPassword, home)
			s.pin(session, maisPIN)
		}
		s.pin(session, "")
		_, err := s.Approve(t.Context(), lan, mai, maisPIN, void, right.VoidInvoices)
		refused(t, err, "không có mã PIN")
		if who, err := s.Approvers(t.Context(), lan, right.VoidInvoices); err != nil || len(who) != 0 {
			t.Errorf("who may allow it: %v %v", who, err)
		}
	})
}
