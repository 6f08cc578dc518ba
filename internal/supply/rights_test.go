package supply_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/supply"
)

// person is a user of a shop with what roles give.
type person struct {
	s      *testShop
	user   int64
	grants []right.Grant
}

func (s *testShop) person(name string, grants ...right.Grant) *person {
	s.t.Helper()
	p := &person{s: s, grants: grants}
	s.write(func(tx *db.Tx) error {
		u, err := org.CreateUser(tx, &taphoa.UserInput{UserName: name, GivenName: name})
		p.user = u.ID
		return err
	})
	return p
}

func (s *testShop) at(branch int, rights ...right.Right) right.Grant {
	return right.Grant{Branch: s.branches[branch], Set: right.Of(rights...)}
}

// does runs an operation that needs a right.
func (p *person) does(needs right.Right, op func(*db.Tx) error) error {
	who := db.Actor{Retailer: p.s.who.Retailer, User: p.user, Held: right.Hold(p.user, p.grants...), Needs: needs}
	return p.s.d.Write(p.s.t.Context(), who, op)
}

func (p *person) may(needs right.Right, op func(*db.Tx) error) {
	p.s.t.Helper()
	if err := p.does(needs, op); err != nil {
		p.s.t.Errorf("%v", err)
	}
}

// lacks runs an operation that is refused for want of a right at a branch, and changes nothing.
func (p *person) lacks(want right.Right, branch int, needs right.Right, op func(*db.Tx) error) {
	p.s.t.Helper()
	before := p.s.stamp()
	err := p.does(needs, op)
	missing := (*right.Missing)(nil)
	if !errors.As(err, &missing) || missing.Right != want || missing.Branch != p.s.branches[branch] {
		p.s.t.Errorf("got %v, want the lack of %s at branch %d", err, want.Key(), branch+1)
	}
	if p.s.stamp() != before {
		p.s.t.Errorf("the refused operation (%v) has changed something", err)
	}
}

// refused runs an operation that is refused with a sentence about a member.
func (p *person) refused(field, sentence string, needs right.Right, op func(*db.Tx) error) {
	p.s.t.Helper()
	err := p.does(needs, op)
	if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || refusal.Field != field || refusal.Message != sentence {
		p.s.t.Errorf("got %v, want the refusal about %q: %s", err, field, sentence)
	}
}

// misses runs operations for which there is no such document.
func (p *person) misses(sentence string, needs right.Right, ops ...func(*db.Tx) error) {
	p.s.t.Helper()
	for i, op := range ops {
		err := p.does(needs, op)
		if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || refusal.Kind != taphoa.KindNotFound || refusal.Message != sentence {
			p.s.t.Errorf("operation %d: got %v, want: %s", i+1, err, sentence)
		}
	}
}

// reading is an operation that only reads.
func reading[In, Out any](op func(*db.Tx, In) (Out, error), in In) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := op(tx, in)
		return err
	}
}

// finds checks which documents a list has.
func finds[Q, T any](p *person, list func(*db.Tx, Q) (taphoa.Page[T], error), in Q, id func(*T) int64, want ...int64) {
	p.s.t.Helper()
	p.may(right.Anyone, func(tx *db.Tx) error {
		page, err := list(tx, in)
		var got []int64
		for i := range page.Data {
			got = append(got, id(&page.Data[i]))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || page.Total != int64(len(want)) {
			p.s.t.Errorf("found %d, %v; want %v", page.Total, got, want)
		}
		return err
	})
}

var whole = taphoa.Paging{PageSize: 100}

func transferID(t *taphoa.Transfer) int64 { return t.ID }

var carries = []right.Right{right.SeeTransfers, right.CreateTransfers, right.SeeOthers}

const noTransfer = "Phiếu chuyển hàng không tồn tại"

// TestATransferIsSentAtOneBranchAndReceivedAtTheOther tells of a keeper at each of two branches, and of people who have nothing to do
// with their transfers.
func TestATransferIsSentAtOneBranchAndReceivedAtTheOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, sugar := s.product("TRA", nil), s.product("DUONG", nil)
		s.buy(tea, 0, 10, 10_000)
		s.buy(sugar, 0, 10, 7_000)
		sender, receiver := s.person("gui", s.at(0, carries...)), s.person("nhan", s.at(1, carries...))
		stranger, newcomer := s.person("la", s.at(2, carries...)), s.person("moi", s.at(1, right.SeeTransfers, right.CreateTransfers))
		var id int64
		creating := func(status int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				out, err := supply.CreateTransfer(tx, s.transfer(status, of(tea, 3)))
				if err == nil {
					id = out.Data.ID
				}
				return err
			}
		}
		const needs = right.CreateTransfers
		receiver.lacks(needs, 0, needs, creating(taphoa.TransferDraft))
		receiver.lacks(needs, 0, needs, creating(taphoa.TransferSent))
		sender.lacks(needs, 1, needs, creating(taphoa.TransferReceived))
		receiver.lacks(needs, 0, needs, creating(taphoa.TransferReceived))
		sender.may(needs, creating(taphoa.TransferDraft))

		byID, byCode := &taphoa.ByID{ID: id}, &taphoa.ByCode{Code: "TRF000001"}
		for _, p := range []*person{stranger, newcomer} {
			p.misses(noTransfer, needs, reading(supply.GetTransfer, byID), reading(supply.GetTransferByCode, byCode),
				to(id, taphoa.TransferSent), update(id, taphoa.TransferInput{}), void(id))
			finds(p, supply.ListTransfers, &taphoa.TransferQuery{Paging: whole}, transferID)
		}
		for _, p := range []*person{sender, receiver} {
			p.may(needs, reading(supply.GetTransfer, byID))
			finds(p, supply.ListTransfers, &taphoa.TransferQuery{Paging: whole}, transferID, id)
		}

		receiver.lacks(needs, 0, needs, to(id, taphoa.TransferSent))
		receiver.lacks(needs, 0, needs, to(id, taphoa.TransferReceived))
		sender.lacks(needs, 1, needs, to(id, taphoa.TransferReceived))
		receiver.lacks(needs, 0, needs, update(id, taphoa.TransferInput{TransferDetails: []taphoa.TransferLineInput{of(tea, 5)}}))
		sender.lacks(needs, 2, needs, update(id, taphoa.TransferInput{FromBranchID: taphoa.Some(s.branches[2])}))
		sender.may(needs, to(id, taphoa.TransferSent, of(tea, 4)))

		sender.lacks(needs, 1, needs, to(id, taphoa.TransferReceived))
		receiver.lacks(needs, 0, needs, to(id, taphoa.TransferReceived, of(tea, 9)))
		receiver.lacks(needs, 0, needs, to(id, taphoa.TransferReceived, of(tea, 4), of(sugar, 1)))
		receiver.lacks(needs, 0, needs, update(id, taphoa.TransferInput{Description: taphoa.Some("của tôi")}))
		receiver.lacks(needs, 0, needs, update(id, taphoa.TransferInput{ToBranchID: taphoa.Some(s.branches[2])}))
		receiver.may(needs, update(id, taphoa.TransferInput{NoteByDestination: taphoa.Some("thiếu một gói")}))
		receiver.may(needs, update(id, taphoa.TransferInput{}))
		receiver.may(needs, to(id, taphoa.TransferReceived, arriving(tea, 4, 3)))
		s.has("received", tea, 1, 3, "10000")
		s.has("one has come back", tea, 0, 7, "10000")
	})
}

// TestVoidingATransferIsARightOfTheSendingBranch by DELETE as by PUT.
func TestVoidingATransferIsARightOfTheSendingBranch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		first, second := s.create(s.transfer(taphoa.TransferSent, of(tea, 3))).ID, s.create(s.transfer(taphoa.TransferDraft, of(tea, 3))).ID
		keeper, voider := s.person("kho", s.at(0, carries...)), s.person("huy", s.at(0, append(carries, right.VoidTransfers)...))
		other := s.person("nhan", s.at(1, append(carries, right.VoidTransfers)...))
		for _, id := range []int64{first, second} {
			keeper.lacks(right.VoidTransfers, 0, right.CreateTransfers, to(id, taphoa.TransferVoided))
			keeper.lacks(right.VoidTransfers, 0, right.VoidTransfers, void(id))
			other.lacks(right.VoidTransfers, 0, right.VoidTransfers, void(id))
			other.lacks(right.VoidTransfers, 0, right.CreateTransfers, to(id, taphoa.TransferVoided))
		}
		voider.may(right.VoidTransfers, void(first))
		voider.may(right.CreateTransfers, to(second, taphoa.TransferVoided))
		s.has("all is back", tea, 0, 10, "10000")
	})
}

func purchaseID(o *taphoa.PurchaseOrder) int64 { return o.ID }

const noPurchase = "Phiếu nhập hàng không tồn tại"

// TestPurchasesOfABranch tells of a keeper who sees what the branch has bought, and of one who sees only what is his.
func TestPurchasesOfABranch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		keeper := s.person("kho", s.at(0, right.SeePurchases, right.CreatePurchases, right.SeeOthers, right.TakePayments, right.CreateCash))
		own := s.person("nhap", s.at(0, right.SeePurchases, right.CreatePurchases), s.at(1, right.SeePurchases, right.SeeOthers))
		manager := s.person("quanly", right.Grant{Set: right.Of(right.SeePurchases, right.CreatePurchases, right.VoidPurchases, right.SeeOthers, right.TakePayments, right.CreateCash)})
		var made *taphoa.PurchaseOrder
		creating := func(branch int, change func(*taphoa.PurchaseOrderInput)) func(*db.Tx) error {
			return func(tx *db.Tx) (err error) {
				in := &taphoa.PurchaseOrderInput{BranchID: taphoa.Some(s.branches[branch]), PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{bought(tea, 2, 9_000)}}
				if change != nil {
					change(in)
				}
				made, err = supply.CreatePurchaseOrder(tx, in)
				return err
			}
		}
		const creates = right.CreatePurchases
		keeper.lacks(creates, 1, creates, creating(1, nil))
		own.lacks(creates, 1, creates, creating(1, nil))
		keeper.may(creates, creating(0, func(in *taphoa.PurchaseOrderInput) { in.IsDraft = taphoa.Some("true") }))
		draft := *made
		own.may(creates, creating(0, nil))
		mine := *made
		manager.may(creates, creating(1, nil))
		there := *made
		if mine.PurchaseByID.Or(0) != own.user {
			t.Errorf("the purchase is that of %d, want %d", mine.PurchaseByID.Or(0), own.user)
		}

		query := &taphoa.PurchaseOrderQuery{Paging: whole}
		finds(keeper, supply.ListPurchaseOrders, query, purchaseID, draft.ID, mine.ID)
		finds(own, supply.ListPurchaseOrders, query, purchaseID, mine.ID, there.ID)
		finds(manager, supply.ListPurchaseOrders, query, purchaseID, draft.ID, mine.ID, there.ID)
		finds(own, supply.ListPurchaseOrders, &taphoa.PurchaseOrderQuery{Paging: whole, Code: taphoa.Some(draft.Code)}, purchaseID)

		complete := func(tx *db.Tx) error {
			_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{
				ByID: taphoa.ByID{ID: draft.ID}, PurchaseOrderInput: taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("false")},
			})
			return err
		}
		own.misses(noPurchase, right.SeePurchases, reading(supply.GetPurchaseOrder, &taphoa.ByID{ID: draft.ID}),
			reading(supply.GetPurchaseOrderByCode, &taphoa.ByCode{Code: draft.Code}), complete, unbuy(draft.ID), paying(mine.ID+1_000, 1, nil))
		own.misses(noPurchase, right.TakePayments, paying(draft.ID, 1_000, nil))
		own.lacks(right.TakePayments, 0, right.TakePayments, paying(mine.ID, 1_000, nil))
		s.person("thungan", s.at(0, right.SeePurchases, right.SeeOthers, right.TakePayments)).
			lacks(right.CreateCash, 0, right.TakePayments, paying(mine.ID, 1_000, nil)) // who takes money does not pay it out
		own.lacks(creates, 1, creates, func(tx *db.Tx) error {
			_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{ByID: taphoa.ByID{ID: there.ID}})
			return err
		})
		keeper.may(creates, complete)
		keeper.lacks(right.VoidPurchases, 0, right.VoidPurchases, unbuy(draft.ID))
		own.lacks(right.VoidPurchases, 1, right.VoidPurchases, unbuy(there.ID))
		keeper.may(right.TakePayments, paying(mine.ID, 1_000, nil))
		manager.may(right.VoidPurchases, unbuy(there.ID))
		s.has("received", tea, 0, 4, "9000")
	})
}

// TestAnOrderToASupplierChangesBranchWithRightsAtBoth, is voided with a right of its own, and is received by who finds it.
func TestAnOrderToASupplierChangesBranchWithRightsAtBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		buys := []right.Right{right.SeePurchases, right.CreatePurchases, right.SeeOthers}
		here, both := s.person("mot", s.at(0, buys...)), s.person("hai", s.at(0, buys...), s.at(1, append(buys, right.VoidPurchases)...))
		there, named := s.person("ba", s.at(1, right.SeePurchases, right.CreatePurchases)), s.person("bon", s.at(1, right.SeePurchases, right.CreatePurchases))
		s.orderFrom(s.orderInput(taphoa.OrderSupplierDraft, ordered(tea, 1, 1_000))) // so that there is the supplier
		var o taphoa.OrderSupplier
		placing := func(change func(*taphoa.OrderSupplierInput)) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				in := s.orderInput(taphoa.OrderSupplierConfirmed, ordered(tea, 5, 9_000))
				change(in)
				out, err := supply.CreateOrderSupplier(tx, in)
				if err == nil {
					o = out.Data[0]
				}
				return err
			}
		}
		const creates, voids = right.CreatePurchases, right.VoidPurchases
		here.lacks(creates, 1, creates, placing(func(in *taphoa.OrderSupplierInput) { in.BranchID = taphoa.Some(s.branches[1]) }))
		here.lacks(right.ChangeSuppliers, 0, creates, placing(func(in *taphoa.OrderSupplierInput) { in.Supplier.Code = taphoa.Some("MOI") }))
		here.may(creates, placing(func(*taphoa.OrderSupplierInput) {}))
		const unknown = "Phiếu đặt hàng nhập không tồn tại"
		move := reorder(o.ID, taphoa.OrderSupplierInput{BranchID: taphoa.Some(s.branches[1]), UserID: taphoa.Some(named.user)})
		there.misses(unknown, creates, reading(supply.GetOrderSupplier, &taphoa.ByID{ID: o.ID}), move, cancel(o.ID))
		here.lacks(creates, 1, creates, move)
		both.may(creates, move)

		here.misses(unknown, right.SeePurchases, reading(supply.GetOrderSupplier, &taphoa.ByID{ID: o.ID}), reading(supply.GetOrderSupplierByCode, &taphoa.ByCode{Code: o.Code}))
		there.misses(unknown, right.SeePurchases, reading(supply.GetOrderSupplier, &taphoa.ByID{ID: o.ID})) // another person's
		query, id := &taphoa.OrderSupplierQuery{Paging: whole}, func(o *taphoa.OrderSupplier) int64 { return o.ID }
		finds(there, supply.ListOrderSuppliers, query, id)
		finds(named, supply.ListOrderSuppliers, query, id, o.ID)

		receiving := func(in taphoa.PurchaseOrderInput) func(*db.Tx) error {
			in.PurchaseOrderDetails = []taphoa.PurchaseOrderDetailIn{bought(tea, 2, 9_000)}
			return reading(supply.CreatePurchaseOrder, &in)
		}
		there.misses(unknown, creates, receiving(taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(o.ID)}))
		there.refused("orderSupplierCode", "Phiếu đặt hàng nhập "+o.Code+" (orderSupplierCode) không tồn tại", creates,
			receiving(taphoa.PurchaseOrderInput{OrderSupplierCode: taphoa.Some(o.Code)}))
		named.lacks(voids, 1, creates, reorder(o.ID, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](taphoa.OrderSupplierVoided)}))
		named.lacks(voids, 1, voids, cancel(o.ID))
		named.may(creates, receiving(taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(o.ID)}))
		s.checkStatus("received by the named one", o.ID, taphoa.OrderSupplierPartly, "PN000001")
		both.may(creates, reorder(o.ID, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](taphoa.OrderSupplierVoided)}))
	})
}

// TestAPersonCountsWhereTheyMay and finds their own counts only.
func TestAPersonCountsWhereTheyMay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		const creates, voids = right.CreateStockTakes, right.VoidStockTakes
		counter := s.person("dem", s.at(0, right.SeeStockTakes, creates), s.at(1, right.SeeStockTakes))
		voider := s.person("huy", s.at(0, right.SeeStockTakes, creates, voids, right.SeeOthers), s.at(1, creates))
		theirs := s.count(taphoa.StockTakeDraft, counted(tea, 9))
		var k *taphoa.StockTake
		counter.may(creates, func(tx *db.Tx) (err error) {
			k, err = supply.CreateStockTake(tx, s.countInput(taphoa.StockTakeDraft, counted(tea, 8)))
			return err
		})
		elsewhere := s.countInput(taphoa.StockTakeDraft, counted(tea, 8))
		elsewhere.BranchID = taphoa.Some(s.branches[1])
		counter.lacks(creates, 1, creates, reading(supply.CreateStockTake, elsewhere))
		query, id := &taphoa.StockTakeQuery{Paging: whole}, func(k *taphoa.StockTake) int64 { return k.ID }
		finds(counter, supply.ListStockTakes, query, id, k.ID)
		finds(voider, supply.ListStockTakes, query, id, theirs.ID, k.ID)
		counter.misses("Phiếu kiểm kho không tồn tại", creates, reading(supply.GetStockTake, &taphoa.ByID{ID: theirs.ID}),
			reading(supply.GetStockTakeByCode, &taphoa.ByCode{Code: theirs.Code}), recount(theirs.ID, taphoa.StockTakeInput{}), discard(theirs.ID))
		counter.lacks(creates, 1, creates, recount(k.ID, taphoa.StockTakeInput{BranchID: taphoa.Some(s.branches[1])}))
		counter.lacks(voids, 0, creates, recount(k.ID, taphoa.StockTakeInput{Status: taphoa.Some[int64](taphoa.StockTakeVoided)}))
		counter.lacks(voids, 0, voids, discard(k.ID))
		counter.may(creates, recount(k.ID, taphoa.StockTakeInput{Status: taphoa.Some[int64](taphoa.StockTakeBalanced)}))
		s.has("counted", tea, 0, 8, "10000")
		voider.may(voids, discard(k.ID))
		voider.may(creates, recount(theirs.ID, taphoa.StockTakeInput{BranchID: taphoa.Some(s.branches[1])})) // and sees the answer, though not there
		s.has("voided", tea, 0, 10, "10000")
	})
}

// TestDatesBeforeTodayNeedARight on what is new, and where a date changes; the calendar day is that of Vietnam.
func TestDatesBeforeTodayNeedARight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		midnight := clock.Now().Day().Add(24 * time.Hour)
		clock.Set(midnight.Add(9 * time.Hour))
		rights := []right.Right{right.SeePurchases, right.CreatePurchases, right.TakePayments, right.CreateCash, right.ChangeSuppliers, right.SeeOthers}
		keeper, bookkeeper := s.person("kho", s.at(0, rights...)), s.person("ketoan", s.at(0, append(rights, right.BackDate)...), s.at(1, rights...))
		var id int64
		buying := func(branch int, at taphoa.Time, paid ...taphoa.PurchasePaymentInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				o, err := supply.CreatePurchaseOrder(tx, &taphoa.PurchaseOrderInput{
					BranchID: taphoa.Some(s.branches[branch]), PurchaseDate: taphoa.SomeIf(at), IsDraft: taphoa.Some("true"), Payments: paid,
					Supplier:             &taphoa.DocumentSupplier{Name: taphoa.Some("Chợ")},
					PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{bought(tea, 2, 9_000)},
				})
				if err == nil {
					id = o.ID
				}
				return err
			}
		}
		dated := func(at taphoa.Time, isDraft string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{
					ByID:               taphoa.ByID{ID: id},
					PurchaseOrderInput: taphoa.PurchaseOrderInput{PurchaseDate: taphoa.SomeIf(at), IsDraft: taphoa.Some(isDraft)},
				})
				return err
			}
		}
		pays := func(at taphoa.Time) taphoa.PurchasePaymentInput {
			return taphoa.PurchasePaymentInput{Method: "Cash", Amount: taphoa.Dong(5_000), TransDate: taphoa.Some(at)}
		}
		const creates = right.CreatePurchases
		yesterday := midnight.Add(-time.Microsecond)
		keeper.lacks(right.BackDate, 0, creates, buying(0, yesterday))
		keeper.refused("purchaseDate", "Bạn không có quyền: Ghi lùi ngày chứng từ. Ngày (purchaseDate) không được trước hôm nay", creates, buying(0, yesterday))
		keeper.refused("payments.transDate", "Bạn không có quyền: Ghi lùi ngày chứng từ. Ngày (payments.transDate) không được trước hôm nay",
			creates, buying(0, 0, pays(yesterday)))
		bookkeeper.lacks(right.BackDate, 1, creates, buying(1, yesterday))
		keeper.may(creates, buying(0, midnight, pays(midnight)))
		keeper.lacks(right.BackDate, 0, creates, dated(yesterday, "true"))
		bookkeeper.may(creates, dated(yesterday, "true"))
		keeper.may(creates, dated(yesterday, "true")) // as it is
		keeper.may(creates, dated(0, "false"))
		keeper.refused("transDate", "Bạn không có quyền: Ghi lùi ngày chứng từ. Ngày (transDate) không được trước hôm nay", right.TakePayments,
			reading(debt.Pay, &taphoa.InvoicePaymentInput{PurchaseOrderID: taphoa.Some(id), Amount: taphoa.Some(taphoa.Dong(1_000)), TransDate: taphoa.Some(yesterday)}))
		bookkeeper.may(creates, buying(0, yesterday.Add(-240*time.Hour), pays(yesterday)))

		order := s.orderInput(taphoa.OrderSupplierDraft, ordered(tea, 5, 9_000))
		order.OrderDate = taphoa.Some(yesterday)
		keeper.lacks(right.BackDate, 0, creates, reading(supply.CreateOrderSupplier, order))
		bookkeeper.may(creates, reading(supply.CreateOrderSupplier, order))
		clock.Advance(24 * 3600)
		keeper.may(creates, buying(0, midnight.Add(24*time.Hour)))
		keeper.lacks(right.BackDate, 0, creates, buying(0, midnight))
	})
}

// TestRefusalsDoNotTellWhatAPersonMayNotSee of what was bought and paid, nor of the documents of others.
func TestRefusalsDoNotTellWhatAPersonMayNotSee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		rights := []right.Right{right.SeePurchases, right.CreatePurchases, right.TakePayments, right.CreateCash, right.ChangeSuppliers, right.SeeOthers, right.RemoveSuppliers}
		knows := s.person("biet", right.Grant{Set: right.Of(append(rights, right.SeePurchasePrices, right.SeeDebts)...)})
		elsewhere := s.person("noikhac", s.at(0, append(rights, right.SeePurchasePrices, right.SeeDebts)...), s.at(1, rights...))
		all, blind := s.person("tatca", right.Grant{Set: right.All}), s.person("khong", s.at(0, rights...))
		buy := func(supplier string, draft bool) *taphoa.PurchaseOrder {
			in := &taphoa.PurchaseOrderInput{BranchID: taphoa.Some(s.branches[0]), PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{bought(tea, 2, 9_000)}}
			if supplier != "" {
				in.Supplier = &taphoa.DocumentSupplier{Code: taphoa.Some(supplier), Name: taphoa.Some(supplier)}
			}
			if in.IsDraft = taphoa.Some(fmt.Sprint(draft)); draft && supplier != "" {
				in.PaidAmount = taphoa.Some(taphoa.Dong(4_000))
			}
			var o *taphoa.PurchaseOrder
			s.write(func(tx *db.Tx) (err error) {
				o, err = supply.CreatePurchaseOrder(tx, in)
				return err
			})
			return o
		}
		owed, draft, unnamed := buy("NO", false), buy("TAM", true), buy("", true)
		buy("KHAC", false)
		changing := func(o *taphoa.PurchaseOrder, in taphoa.PurchaseOrderInput) func(*db.Tx) error {
			return reading(supply.UpdatePurchaseOrder, &taphoa.PurchaseOrderUpdate{ByID: taphoa.ByID{ID: o.ID}, PurchaseOrderInput: in})
		}
		deleting := func(id int64) func(*db.Tx) error { return reading(party.DeleteSupplier, &taphoa.ByID{ID: id}) }
		for _, c := range []struct {
			field, full, plain string
			op                 func(*db.Tx) error
		}{
			{
				"amount", "Phiếu nhập PN000001 chỉ còn nợ 18000, không thể trả 20000 (amount)",
				"Phiếu nhập PN000001 còn nợ ít hơn 20000, không thể trả số tiền này (amount)", paying(owed.ID, 20_000, nil),
			},
			{
				"paidAmount", "Đã trả nhà cung cấp 4000, không thể giảm xuống 3000 (paidAmount)",
				"Đã trả nhà cung cấp nhiều hơn, không thể giảm xuống 3000 (paidAmount)",
				changing(draft, taphoa.PurchaseOrderInput{PaidAmount: taphoa.Some(taphoa.Dong(3_000))}),
			},
			{
				"supplier", "Phiếu nhập PN000002 đã trả 4000 cho nhà cung cấp TAM nên không thể đổi nhà cung cấp (supplier); hãy hủy phiếu cùng phiếu chi và tạo phiếu mới",
				"Phiếu nhập PN000002 đã trả tiền cho nhà cung cấp TAM nên không thể đổi nhà cung cấp (supplier); hãy hủy phiếu cùng phiếu chi và tạo phiếu mới",
				changing(draft, taphoa.PurchaseOrderInput{Supplier: &taphoa.DocumentSupplier{Code: taphoa.Some("NO")}}),
			},
			{
				"discount", "Giảm giá (discount) của phiếu nhập phải từ 0 đến tổng tiền hàng 18000", "Giảm giá (discount) của phiếu nhập phải từ 0 đến tổng tiền hàng",
				changing(draft, taphoa.PurchaseOrderInput{Discount: taphoa.Some(taphoa.Dong(50_000))}),
			},
			{
				"paidAmount", "Phiếu nhập của nhà cung cấp lẻ chỉ cần trả 18000, không thể trả 19000 (paidAmount): nhà cung cấp lẻ không có công nợ để ghi phần trả thừa",
				"Không thể trả nhiều hơn giá trị phiếu nhập của nhà cung cấp lẻ (paidAmount): nhà cung cấp lẻ không có công nợ để ghi phần trả thừa",
				changing(unnamed, taphoa.PurchaseOrderInput{PaidAmount: taphoa.Some(taphoa.Dong(19_000))}),
			},
			{
				"id", "Nhà cung cấp NO còn được gian hàng nợ 18000 nên không thể xóa, hãy trả nợ trước",
				"Nhà cung cấp NO còn công nợ nên không thể xóa, hãy thanh toán hết công nợ trước", deleting(owed.SupplierID.Value),
			},
		} {
			for _, p := range []*person{knows, all} {
				p.refused(c.field, c.full, right.Anyone, c.op)
			}
			for _, p := range []*person{blind, elsewhere} {
				p.refused(c.field, c.plain, right.Anyone, c.op)
			}
			s.refusedLike(c.field, c.full, c.op) // without anyone's rights
		}
		other := s.orderFrom(&taphoa.OrderSupplierInput{
			BranchID: taphoa.Some(s.branches[1]), Status: taphoa.Some[int64](taphoa.OrderSupplierConfirmed), Supplier: &taphoa.DocumentSupplier{Code: taphoa.Some("KM"), Name: taphoa.Some("KM")},
			Details: []taphoa.OrderSupplierDetailInput{ordered(tea, 5, 9_000)},
		})
		full := "Nhà cung cấp KM có chứng từ " + other.Code + " (45000) chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước"
		plain := strings.Replace(full, " "+other.Code+" (45000)", "", 1)
		all.refused("id", full, right.Anyone, deleting(other.SupplierID.Value))
		knows.refused("id", full, right.Anyone, deleting(other.SupplierID.Value))
		elsewhere.refused("id", plain, right.Anyone, deleting(other.SupplierID.Value)) // who finds it, and does not see the total
		blind.refused("id", plain, right.Anyone, deleting(other.SupplierID.Value))     // who does not find it
	})
}

// TestAPurchaseDoesNotTellOfAnAdjustmentThatSettlesIt to who does not find that: it shows the amount alone.
func TestAPurchaseDoesNotTellOfAnAdjustmentThatSettlesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		var o *taphoa.PurchaseOrder
		s.write(func(tx *db.Tx) (err error) {
			o, err = supply.CreatePurchaseOrder(tx, &taphoa.PurchaseOrderInput{
				BranchID: taphoa.Some(s.branches[0]), Supplier: &taphoa.DocumentSupplier{Name: taphoa.Some("Chợ")},
				PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{bought(tea, 2, 9_000)},
			})
			return err
		})
		s.write(reading(debt.CreateAdjustment, &taphoa.DebtAdjustmentInput{
			PartnerType: taphoa.Some("S"), PartnerID: o.SupplierID, Debt: taphoa.Some(taphoa.Dong(-5_000)),
		}))
		sees := []right.Right{right.SeePurchases, right.SeeOthers}
		for want, who := range map[string]*person{
			"adjustment  0 5000":         s.person("kho", right.Grant{Set: right.Of(sees...)}),
			"adjustment CB000001 1 5000": s.person("ketoan", right.Grant{Set: right.Of(append(sees, right.SeeDebts)...)}),
		} {
			who.may(right.SeePurchases, func(tx *db.Tx) error {
				one, err := supply.GetPurchaseOrder(tx, &taphoa.ByID{ID: o.ID})
				if err != nil {
					return err
				}
				page, err := supply.ListPurchaseOrders(tx, &taphoa.PurchaseOrderQuery{Paging: whole, IncludePayment: true})
				for _, got := range [][]taphoa.Allocation{one.Allocations, page.Data[0].Allocations} {
					if a := got[0]; len(got) != 1 || fmt.Sprintf("%s %s %d %v", a.Document, a.Code, min(a.ID, 1), a.Amount) != want {
						t.Errorf("it shows %+v, want %s", got, want)
					}
				}
				return err
			})
		}
	})
}
