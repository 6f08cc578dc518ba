package org_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// shop is a shop with its branches and users.
type shop struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	who   db.Actor // the super administrator
}

func inShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(t, openShop(t, d, clock, "taphoa")) })
}

func openShop(t *testing.T, d *db.DB, clock *dbtest.Clock, code string) *shop {
	t.Helper()
	s := &shop{t: t, d: d, clock: clock}
	s.write(func(tx *db.Tx) error {
		opened, err := org.CreateShop(tx, code, "Tạp hoá")
		s.who = db.Actor{Retailer: opened.RetailerID, User: tx.User}
		return err
	})
	return s
}

func (s *shop) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// done runs an operation that must succeed.
func done[In, Out any](s *shop, op func(*db.Tx, In) (Out, error), in In) (out Out) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out
}

// refused runs an operation that must be refused, with a sentence that holds the words.
func refused[In, Out any](s *shop, words string, op func(*db.Tx, In) (Out, error), in In) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) error {
		_, err := op(tx, in)
		return err
	})
	if e, ok := errors.AsType[*taphoa.Error](err); !ok || e.Kind == taphoa.KindInternal || !strings.Contains(e.Message, words) {
		s.t.Errorf("got %v, want a refusal that says %q", err, words)
	}
}

var firstPage = taphoa.Paging{PageSize: taphoa.PageSizeDefault}

// branches lists what changed or was removed since an instant.
func (s *shop) branches(since taphoa.Opt[taphoa.Time]) taphoa.Page[taphoa.Branch] {
	s.t.Helper()
	return done(s, org.ListBranches, &taphoa.BranchQuery{Paging: firstPage, IncludeRemoveIDs: true, LastModifiedFrom: since})
}

func (s *shop) users(q taphoa.UserQuery) taphoa.Page[taphoa.User] {
	s.t.Helper()
	q.Paging, q.IncludeRemoveIDs = firstPage, true
	return done(s, org.ListUsers, &q)
}

func changeBranch(id int64, in taphoa.BranchInput) *taphoa.BranchUpdate {
	return &taphoa.BranchUpdate{ByID: taphoa.ByID{ID: id}, BranchInput: in}
}

func changeUser(id int64, in taphoa.UserInput) *taphoa.UserUpdate {
	return &taphoa.UserUpdate{ByID: taphoa.ByID{ID: id}, UserInput: in}
}

func TestABranchIsChangedInWhatIsGiven(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		first := s.branches(taphoa.Opt[taphoa.Time]{}).Data[0]
		branch := done(s, org.CreateBranch, &taphoa.BranchInput{
			BranchName: "Chợ Lớn", BranchCode: taphoa.Some("CN02"), Email: taphoa.Some("cholon@example.com"),
		})
		s.clock.Advance(60)
		since := taphoa.Some(s.clock.Now())
		got := done(s, org.UpdateBranch, changeBranch(branch.ID, taphoa.BranchInput{
			ContactNumber: taphoa.Some("0900000001"), Address: taphoa.Some("1 Hải Thượng Lãn Ông"),
			LocationName: taphoa.Some("Hồ Chí Minh - Quận 5"), WardName: taphoa.Some("Phường 10"), Email: taphoa.Null[string](),
		}))
		branch.ContactNumber, branch.Address = taphoa.Some("0900000001"), taphoa.Some("1 Hải Thượng Lãn Ông")
		branch.LocationName, branch.WardName = taphoa.Some("Hồ Chí Minh - Quận 5"), taphoa.Some("Phường 10")
		branch.Email, branch.ModifiedDate = taphoa.Opt[string]{}, since
		if !reflect.DeepEqual(got, branch) {
			t.Errorf("got  %+v\nwant %+v", got, branch)
		}
		if page := s.branches(since); page.Total != 1 || !reflect.DeepEqual(page.Data[0], branch) || len(page.RemovedIDs) != 0 {
			t.Errorf("what has changed is %+v", page)
		}
		if got := done(s, org.UpdateBranch, changeBranch(branch.ID, taphoa.BranchInput{BranchName: "CHỢ LỚN"})); got.BranchName != "CHỢ LỚN" {
			t.Errorf("the branch is still called %s", got.BranchName)
		}
		done(s, org.UpdateBranch, changeBranch(branch.ID, taphoa.BranchInput{BranchName: "Bình Tây"}))
		done(s, org.CreateBranch, &taphoa.BranchInput{BranchName: "Chợ Lớn"}) // the name can be used again
		for _, bad := range []struct {
			words string
			id    int64
			name  string
		}{
			{"đã tồn tại", branch.ID, "chi nhanh trung tâm"},
			{"không được để trống", branch.ID, " "},
			{"không tồn tại", 0, ""},
			{"không tồn tại", -1, "A"},
			{"không tồn tại", taphoa.IDMax, "A"},
		} {
			refused(s, bad.words, org.UpdateBranch, changeBranch(bad.id, taphoa.BranchInput{BranchName: bad.name}))
		}
		if after := done(s, org.GetBranch, &taphoa.ByID{ID: first.ID}); !reflect.DeepEqual(after, first) {
			t.Errorf("the other branch became %+v", after)
		}
	})
}

func TestABranchIsClosedUnlessItIsTheLast(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		first := taphoa.ByID{ID: s.branches(taphoa.Opt[taphoa.Time]{}).Data[0].ID}
		refused(s, "cuối cùng", org.CloseBranch, &first)
		in := &taphoa.BranchInput{BranchName: "Chợ Lớn"}
		second := taphoa.ByID{ID: done(s, org.CreateBranch, in).ID}
		s.clock.Advance(60)
		done(s, org.CloseBranch, &second)
		page := s.branches(taphoa.Some(s.clock.Now()))
		if page.Total != 0 || !slices.Equal(page.RemovedIDs, []int64{second.ID}) {
			t.Errorf("what has changed is %+v", page)
		}
		refused(s, "không tồn tại", org.GetBranch, &second)
		refused(s, "không tồn tại", org.CloseBranch, &second)
		refused(s, "không tồn tại", org.UpdateBranch, changeBranch(second.ID, *in))
		refused(s, "cuối cùng", org.CloseBranch, &first)
		done(s, org.CreateBranch, in)
		done(s, org.CloseBranch, &first)
	})
}

func TestOfTwoBranchesThatCloseAtOnceOneStays(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for range 5 {
			done(s, org.CreateBranch, &taphoa.BranchInput{BranchName: "Chợ Lớn"})
			var closing sync.WaitGroup
			for _, b := range s.branches(taphoa.Opt[taphoa.Time]{}).Data {
				closing.Go(func() {
					err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
						_, err := org.CloseBranch(tx, &taphoa.ByID{ID: b.ID})
						return err
					})
					if _, refused := errors.AsType[*taphoa.Error](err); err != nil && !refused {
						t.Error(err)
					}
				})
			}
			closing.Wait()
			left := s.branches(taphoa.Opt[taphoa.Time]{}).Data
			if len(left) != 1 {
				t.Fatalf("%d branches are left", len(left))
			}
			done(s, org.UpdateBranch, changeBranch(left[0].ID, taphoa.BranchInput{BranchName: "Trung tâm"}))
		}
	})
}

func TestAUserIsChangedInWhatIsGiven(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		lan := done(s, org.CreateUser, &taphoa.UserInput{
			UserName: "lan", GivenName: "Nguyễn Thị Lan", Email: taphoa.Some("lan@example.com"), Description: taphoa.Some("Thu ngân"),
		})
		hung := done(s, org.CreateUser, &taphoa.UserInput{UserName: "hung", GivenName: "Trần Quốc Hùng"})
		s.clock.Advance(60)
		since := taphoa.Some(s.clock.Now())
		born := taphoa.Some(s.clock.Now().Day())
		got := done(s, org.UpdateUser, changeUser(lan.ID, taphoa.UserInput{
			GivenName: "Nguyễn Ngọc Lan", Address: taphoa.Some("12 Lê Lợi"), MobilePhone: taphoa.Some("0900000001"),
			Email: taphoa.Null[string](), BirthDate: born,
		}))
		lan.GivenName, lan.Address, lan.MobilePhone = "Nguyễn Ngọc Lan", taphoa.Some("12 Lê Lợi"), taphoa.Some("0900000001")
		lan.Email, lan.BirthDate, lan.ModifiedDate = taphoa.Opt[string]{}, born, since
		if !reflect.DeepEqual(got, lan) {
			t.Errorf("got  %+v\nwant %+v", got, lan)
		}
		if page := s.users(taphoa.UserQuery{LastModifiedFrom: since}); page.Total != 1 || !reflect.DeepEqual(page.Data[0], lan) {
			t.Errorf("what has changed is %+v", page)
		}
		if page := s.users(taphoa.UserQuery{Name: taphoa.Some("ngoc lan")}); page.Total != 1 {
			t.Error("the new name is not found")
		}
		if got := done(s, org.UpdateUser, changeUser(lan.ID, taphoa.UserInput{UserName: "Lan.NT"})); got.UserName != "Lan.NT" || got.GivenName != lan.GivenName {
			t.Errorf("the user is %+v", got)
		}
		for _, bad := range []struct {
			words string
			in    *taphoa.UserUpdate
		}{
			{"đã tồn tại", changeUser(hung.ID, taphoa.UserInput{UserName: "lan.nt"})},
			{"đã tồn tại", changeUser(hung.ID, taphoa.UserInput{UserName: "admin"})},
			{"đã tồn tại", changeUser(hung.ID, taphoa.UserInput{UserName: "\u200bADMIN\u00a0"})},
			{"không được để trống", changeUser(hung.ID, taphoa.UserInput{UserName: "\u200b"})},
			{"không được để trống", changeUser(hung.ID, taphoa.UserInput{UserName: " "})},
			{"không được để trống", changeUser(hung.ID, taphoa.UserInput{GivenName: " "})},
			{"không tồn tại", changeUser(0, taphoa.UserInput{})},
			{"không tồn tại", changeUser(s.who.User, taphoa.UserInput{GivenName: "Sếp"})},
		} {
			refused(s, bad.words, org.UpdateUser, bad.in)
		}
		if after := done(s, org.GetUser, &taphoa.ByID{ID: hung.ID}); !reflect.DeepEqual(after, hung) {
			t.Errorf("the other user became %+v", after)
		}
	})
}

func TestAUserIsRemovedAndTheSuperAdministratorIsNot(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		in := &taphoa.UserInput{UserName: "lan", GivenName: "Nguyễn Thị Lan"}
		lan := taphoa.ByID{ID: done(s, org.CreateUser, in).ID}
		s.clock.Advance(60)
		done(s, org.RemoveUser, &lan)
		page := s.users(taphoa.UserQuery{LastModifiedFrom: taphoa.Some(s.clock.Now())})
		if want := []int64{lan.ID}; page.Total != 0 || !slices.Equal(page.RemoveIDs, want) || !slices.Equal(page.RemovedIDs, want) {
			t.Errorf("what has changed is %+v", page)
		}
		for _, id := range []int64{lan.ID, s.who.User, 0, -1, taphoa.IDMax} {
			refused(s, "không tồn tại", org.RemoveUser, &taphoa.ByID{ID: id})
		}
		refused(s, "không tồn tại", org.UpdateUser, changeUser(lan.ID, *in))
		s.write(func(tx *db.Tx) error {
			if _, err := org.FindSeller(tx, "soldById", lan.ID); err == nil {
				t.Error("a user who was removed still sells")
			}
			_, err := org.FindSeller(tx, "soldById", 0) // the super administrator
			return err
		})
		done(s, org.CreateUser, in) // the name can be used again
	})
}

func TestTwoShopsDoNotTouchEachOthersBranchesAndUsers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := openShop(t, d, clock, "mot"), openShop(t, d, clock, "hai")
		branch := done(mine, org.CreateBranch, &taphoa.BranchInput{BranchName: "Chợ Lớn"})
		other := done(theirs, org.CreateBranch, &taphoa.BranchInput{BranchName: "Bình Tây"})
		user := done(mine, org.CreateUser, &taphoa.UserInput{UserName: "lan", GivenName: "Lan"})
		refused(theirs, "không tồn tại", org.UpdateBranch, changeBranch(branch.ID, taphoa.BranchInput{BranchName: "Của tôi"}))
		refused(theirs, "không tồn tại", org.CloseBranch, &taphoa.ByID{ID: branch.ID})
		refused(theirs, "không tồn tại", org.UpdateUser, changeUser(user.ID, taphoa.UserInput{GivenName: "Của tôi"}))
		refused(theirs, "không tồn tại", org.RemoveUser, &taphoa.ByID{ID: user.ID})
		done(theirs, org.UpdateBranch, changeBranch(other.ID, taphoa.BranchInput{BranchName: branch.BranchName}))

		done(mine, org.CloseBranch, &taphoa.ByID{ID: branch.ID})
		done(mine, org.RemoveUser, &taphoa.ByID{ID: user.ID})
		if page := theirs.branches(taphoa.Opt[taphoa.Time]{}); page.Total != 2 || len(page.RemovedIDs) != 0 {
			t.Errorf("they see the branches %+v", page)
		}
		if page := theirs.users(taphoa.UserQuery{}); len(page.RemovedIDs) != 0 {
			t.Errorf("they see the removed users %v", page.RemovedIDs)
		}
	})
}
