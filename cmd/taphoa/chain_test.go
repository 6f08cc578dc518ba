package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// chain is a shop through which goods go from the supplier to the customer, and money the other way.
type chain struct {
	desk     terminal
	caller          // with the vendor's scope
	boss     caller // with the admin's scope
	books    *db.DB // looked into from outside
	retailer int64

	branches                                    [2]int64
	supplier, customer, bank, campaign, voucher int64
	order, transfer, invoice                    int64
}

func TestAChainFromTheSupplierToTheCustomerAddsUpAtEveryStep(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "chuoi", "Chuỗi Tạp Hoá")
		id, secret := t.client("create", "--name", "Web")
		bossID, bossSecret := t.client("create", "--name", "Quản lý", "--admin")
		server := t.serve()
		s := &chain{
			desk: t, books: dbtest.Open(t, t.database, nil),
			caller: caller{t.T, server.base, "chuoi", server.token(id, secret)},
			boss:   caller{t.T, server.base, "chuoi", server.tokenFor("Taphoa.Admin", bossID, bossSecret)},
		}
		s.opens()
		s.stocks()
		now := &ledgers{voucher: taphoa.CodeReleased}
		now.noodles[1], now.cartons[1] = level{12, 0, 0, 4330}, level{1.2, 0, 0, 43300}
		s.agree("the shop is open, 12 packs of noodles at 4330 in branch 2", now)

		s.buys(now)
		s.moves(now)
		s.sells(now)
		s.settles(now)
		s.checkEvents()

		server.stop()
		server.ends()
	})
}

// make sends a request of a caller and returns the id of the created record.
func (s *chain) make(c caller, path, body string, args ...any) int64 {
	s.Helper()
	type named struct{ ID int64 }
	var made struct {
		named
		Data json.RawMessage // some answers have the record in it, some a list
	}
	c.must(http.MethodPost, path, fmt.Sprintf(body, args...), &made)
	if made.ID == 0 {
		if err := json.Unmarshal(made.Data, &made.named); err != nil {
			s.Fatal(err)
		}
	}
	return made.ID
}

// opens creates what the chain needs: a branch, a bank account, a supplier, a customer, points and a voucher.
func (s *chain) opens() {
	s.Helper()
	if status := s.call(http.MethodPost, "/suppliers", `{"name":"Kho Bình Tây"}`, new(any)); status != http.StatusForbidden {
		s.Errorf("the vendor's scope makes a supplier: status %d", status)
	}
	s.make(s.boss, "/branches", `{"branchName":"Quận 2"}`)
	var branches struct {
		Data []struct{ ID, RetailerID int64 }
	}
	s.must(http.MethodGet, "/branches?orderBy=id&orderDirection=ASC", "", &branches)
	if len(branches.Data) != 2 {
		s.Fatalf("the shop has the branches %v", branches)
	}
	s.branches, s.retailer = [2]int64{branches.Data[0].ID, branches.Data[1].ID}, branches.Data[0].RetailerID
	s.boss.must(http.MethodPut, "/settings", `{"RewardPointRate":10000,"AllowSellWhenOutStock":false}`, new(any))
	s.bank = s.make(s.boss, "/BankAccounts", `{"bankName":"Vietcombank","accountNumber":"0071000000001"}`)
	s.supplier = s.make(s.boss, "/suppliers", `{"name":"Kho Bình Tây"}`)
	s.customer = s.make(s.caller, "/customers", `{"name":"Trần Văn Bình","branchId":%d}`, s.branches[1])
	s.campaign = s.make(s.boss, "/vouchercampaign", `{"name":"Khai trương","price":20000,"endDate":"2099-12-31"}`)
	s.must(http.MethodPost, "/voucher", fmt.Sprintf(`{"voucherCampaignId":%d,"data":[{"code":"MUNG"}]}`, s.campaign), new(any))
	s.must(http.MethodPost, "/voucher/release/give", fmt.Sprintf(`{"CampaignId":%d,"Vouchers":[{"Code":"MUNG"}]}`, s.campaign), new(any))
	var voucher struct{ ID int64 }
	s.must(http.MethodGet, "/voucher/code/MUNG", "", &voucher)
	s.voucher = voucher.ID
}

// stocks creates the products: noodles by the pack, which earn points, and by the carton of ten; milk by the lot, which
// earns none.
func (s *chain) stocks() {
	s.Helper()
	noodles := s.make(s.caller, "/products", `{"code":"MI","name":"Mì gói","categoryName":"Đồ khô","unit":"gói","basePrice":8000,
		"allowsSale":true,"isRewardPoint":true,"inventories":[{"branchId":%d,"onHand":12,"cost":4330}]}`, s.branches[1])
	s.make(s.caller, "/products", `{"code":"MI-THUNG","name":"Mì gói","unit":"thùng","masterUnitId":%d,"conversionValue":10,
		"basePrice":78000,"allowsSale":true,"isRewardPoint":true}`, noodles)
	s.make(s.caller, "/products", `{"code":"SUA","name":"Sữa hộp","categoryName":"Đồ uống","basePrice":35000,
		"allowsSale":true,"isRewardPoint":false,"isBatchExpireControl":true}`)
}

// buys orders 100 packs of noodles and 20 of milk from the supplier and receives them in two halves.
func (s *chain) buys(now *ledgers) {
	s.Helper()
	s.order = s.make(s.boss, "/ordersuppliers", `{"branchId":%d,"supplierId":%d,"status":1,"orderSupplierDetails":[
		{"productCode":"MI","quantity":100,"price":5000},{"productCode":"SUA","quantity":20,"price":20000}]}`, s.branches[0], s.supplier)
	now.noodles[0], now.cartons[0], now.milk[0] = level{0, 0, 100, 0}, level{0, 0, 10, 0}, level{0, 0, 20, 0}
	s.agree("100 packs of noodles and 20 of milk are ordered", now)

	// 60 × (5000 − 500) = 270000 and 12 × 20000 = 240000; the freight of 51000 is a tenth of both:
	// noodles 297000 / 60 = 4950, milk 264000 / 12 = 22000 a piece. The supplier gets 510000 + 51000, 200000 of it now.
	s.make(s.caller, "/purchaseorders", `{"branchId":%d,"orderSupplierId":%d,"isDraft":0,"supplierId":%d,
		"paidAmount":200000,"paymentMethod":"Cash","surcharges":[{"code":"XE","name":"Cước xe","value":51000,"isSupplierExpense":true}],
		"purchaseOrderDetails":[{"productCode":"MI","quantity":60,"price":5000,"discount":500},
			{"productCode":"SUA","quantity":12,"price":20000,"productBatchExpire":{"batchName":"L1","expireDate":"2099-06-30"}}]}`,
		s.branches[0], s.order, s.supplier)
	now.noodles[0], now.cartons[0], now.milk[0] = level{60, 0, 40, 4950}, level{6, 0, 4, 49500}, level{12, 0, 8, 22000}
	now.lots = "L1@1=12"
	now.owed, now.bought = 361000, 561000
	now.flow[0], now.drawer[0] = -200000, taphoa.Dong(-200000)
	now.entries = "PCPN000001 Cash -200000 0"
	s.ordered(2, 200000)
	s.agree("60 packs and 12 of milk have come", now)

	// 4 cartons × 60000 = 240000 and 8 × 25000 = 200000, of the discount 44000 a tenth of both:
	// noodles 216000 / 40 = 5400, milk 180000 / 8 = 22500 a piece. The supplier gets 396000, 96000 of it through the bank.
	// The averages: (60 × 4950 + 40 × 5400) / 100 = 5130 and (12 × 22000 + 8 × 22500) / 20 = 22200.
	s.make(s.caller, "/purchaseorders", `{"branchId":%d,"orderSupplierId":%d,"isDraft":0,"supplierId":%d,"discount":44000,
		"paidAmount":96000,"paymentMethod":"Transfer","accountId":%d,
		"purchaseOrderDetails":[{"productCode":"MI-THUNG","quantity":4,"price":60000},
			{"productCode":"SUA","quantity":8,"price":25000,"productBatchExpire":{"batchName":"L2","expireDate":"2099-01-31"}}]}`,
		s.branches[0], s.order, s.supplier, s.bank)
	now.noodles[0], now.cartons[0], now.milk[0] = level{100, 0, 0, 5130}, level{10, 0, 0, 51300}, level{20, 0, 0, 22200}
	now.lots = "L1@1=12 L2@1=8"
	now.owed, now.bought = 661000, 957000 // 361000 + 396000 − 96000; 561000 + 396000
	now.flow[0], now.bank = -296000, taphoa.Dong(-96000)
	now.entries += ", PCPN000002 Transfer -96000 0"
	s.ordered(3, 296000)
	s.agree("the rest has come", now)
}

// ordered checks the order to the supplier.
func (s *chain) ordered(status int, paid float64) {
	s.Helper()
	var order struct {
		Status     int
		PaidAmount float64
	}
	s.must(http.MethodGet, fmt.Sprint("/ordersuppliers/", s.order), "", &order)
	if order.Status != status || order.PaidAmount != paid {
		s.Errorf("the order to the supplier is %+v, want status %d, paid %.0f", order, status, paid)
	}
}

// moves sends 30 packs and 5 of milk to branch 2, where 28 packs arrive.
func (s *chain) moves(now *ledgers) {
	s.Helper()
	s.transfer = s.make(s.caller, "/transfers", `{"fromBranchId":%d,"toBranchId":%d,"status":2,
		"transferDetails":[{"productCode":"MI","sendQuantity":30},{"productCode":"SUA","sendQuantity":5}]}`, s.branches[0], s.branches[1])
	now.noodles[0], now.cartons[0], now.milk[0] = level{70, 0, 0, 5130}, level{7, 0, 0, 51300}, level{15, 0, 0, 22200}
	now.lots = "L1@1=12 L2@1=3" // what expires first leaves
	s.agree("the goods are under way, in no branch", now)

	s.must(http.MethodPut, fmt.Sprint("/transfers/", s.transfer), `{"status":3,"transferDetails":[
		{"productCode":"MI","sendQuantity":30,"recivedQuantity":28},{"productCode":"SUA","sendQuantity":5,"recivedQuantity":5}]}`, new(any))
	// What did not arrive is the sender's again. Branch 2: (12 × 4330 + 28 × 5130) / 40 = 195600 / 40 = 4890.
	now.noodles = [2]level{{72, 0, 0, 5130}, {40, 0, 0, 4890}}
	now.cartons = [2]level{{7.2, 0, 0, 51300}, {4, 0, 0, 48900}}
	now.milk[1] = level{5, 0, 0, 22200}
	now.lots = "L1@1=12 L2@1=3 L2@2=5"
	s.agree("28 of 30 packs have arrived", now)
}

// sells 10 packs and 2 of milk in branch 2, for a voucher, some cash and the rest on credit, and takes 3 packs back.
func (s *chain) sells(now *ledgers) {
	s.Helper()
	// 10 × 8000 + 2 × 35000 − 15000 = 135000, of which 20000 by voucher, 50000 in cash and 65000 owed. Of the discount
	// 8000 are the noodles', who cost 72000: 7 points for 10000 each. Milk earns none.
	s.invoice = s.make(s.caller, "/invoices", `{"branchId":%d,"customerId":%d,"discount":15000,"isApplyVoucher":true,
		"totalPayment":50000,"method":"Cash","invoiceDetails":[{"productCode":"MI","quantity":10},{"productCode":"SUA","quantity":2}],
		"Payments":[{"Method":"Voucher","MethodStr":"Voucher","Amount":20000,"Id":-1,"VoucherId":%d,"VoucherCampaignId":%d}]}`,
		s.branches[1], s.customer, s.voucher, s.campaign)
	now.noodles[1], now.cartons[1], now.milk[1] = level{30, 0, 0, 4890}, level{3, 0, 0, 48900}, level{3, 0, 0, 22200}
	now.lots = "L1@1=12 L2@1=3 L2@2=3"
	now.debt, now.sold, now.revenue, now.points, now.left = 65000, 135000, 135000, 7, 7
	now.flow[1], now.drawer[1] = 50000, taphoa.Dong(50000) // the voucher is no money
	now.entries += ", TTHD000001 Cash 50000 0"
	now.voucher = taphoa.CodeUsed
	s.agree("10 packs and 2 of milk are sold", now)

	// 3 × 8000 − 3/10 × 8000 = 21600 less the fee 1600 = 20000, of which 5000 are paid out: the customer owes
	// 65000 − 20000 + 5000. Of the 7 points 7 × 21600 / 72000 = 2.1 go. The packs come back at the cost at which they left.
	s.make(s.boss, "/returns", `{"invoiceId":%d,"returnFee":1600,"totalPayment":5000,"method":"Cash",
		"returnDetails":[{"productCode":"MI","quantity":3}]}`, s.invoice)
	now.noodles[1], now.cartons[1] = level{33, 0, 0, 4890}, level{3.3, 0, 0, 48900}
	now.debt, now.revenue, now.points, now.left = 50000, 115000, 5, 5
	now.flow[1], now.drawer[1] = 45000, taphoa.Dong(45000)
	now.entries += ", PCTH000001 Cash -5000 0"
	s.agree("3 packs are brought back", now)
}

// settles all debts.
func (s *chain) settles(now *ledgers) {
	s.Helper()
	rest := `{"amount":%d,"method":"Cash","invoiceId":%d}`
	if status := s.call(http.MethodPost, "/payments", fmt.Sprintf(rest, 50001, s.invoice), new(any)); status != 420 {
		s.Errorf("more than the rest is taken: status %d", status)
	}
	s.agree("more than the rest is refused", now)
	s.must(http.MethodPost, "/payments", fmt.Sprintf(rest, 50000, s.invoice), new(any))
	now.debt = 0 // 135000 − 70000 paid − (20000 − 5000) of the return − 50000
	now.flow[1], now.drawer[1] = 95000, taphoa.Dong(95000)
	now.entries += ", TTHD000003 Cash 50000 0"
	s.agree("the customer pays the rest", now)

	s.make(s.boss, "/cashflow", `{"branchId":%d,"isReceipt":false,"amount":661000,"method":"Cash","partnerType":"S","partnerId":%d}`,
		s.branches[0], s.supplier)
	now.owed = 0
	now.flow[0], now.drawer[0] = -957000, taphoa.Dong(-861000) // 200000 + 96000 + 661000; the bank has paid 96000
	now.entries += ", PC000001 Cash -661000 0"
	s.agree("the supplier gets the rest", now)
}

// checkEvents compares the documents in the feed of events with the steps of the test, in order.
func (s *chain) checkEvents() {
	s.Helper()
	var got []string
	for _, line := range s.eventDocuments() {
		kind, _, _ := strings.Cut(line, ".")
		if slices.Contains([]string{"ordersupplier", "purchaseorder", "transfer", "invoice", "return", "cashflow"}, kind) {
			got = append(got, line)
		}
	}
	want := []string{
		"ordersupplier.update PDN000001",
		"cashflow.update PCPN000001", "purchaseorder.update PN000001", "ordersupplier.update PDN000001",
		"cashflow.update PCPN000002", "purchaseorder.update PN000002", "ordersupplier.update PDN000001",
		"transfer.update TRF000001", "transfer.update TRF000001",
		"cashflow.update TTHD000001", "invoice.update HD000001",
		"cashflow.update PCTH000001", "invoice.update HD000001", "return.update TH000001",
		"cashflow.update TTHD000003", "invoice.update HD000001",
		"cashflow.update PC000001", "purchaseorder.update PN000001", "purchaseorder.update PN000002",
	}
	if !slices.Equal(got, want) {
		s.Errorf("the feed tells of\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
