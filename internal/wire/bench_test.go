package wire

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/taphoa/taphoa"
)

// product has the shape of a row of GET /products?includeInventory=true.
type product struct {
	ID              int64                       `json:"id"`
	RetailerID      int64                       `json:"retailerId"`
	Code            string                      `json:"code"`
	BarCode         taphoa.Opt[string]          `json:"barCode,omitzero"`
	Name            string                      `json:"name"`
	FullName        string                      `json:"fullName"`
	CategoryID      int64                       `json:"categoryId"`
	CategoryName    string                      `json:"categoryName"`
	TradeMarkID     taphoa.Opt[int64]           `json:"tradeMarkId,omitzero"`
	TradeMarkName   taphoa.Opt[string]          `json:"tradeMarkName,omitzero"`
	AllowsSale      bool                        `json:"allowsSale"`
	Type            int32                       `json:"type"`
	HasVariants     bool                        `json:"hasVariants"`
	BasePrice       taphoa.Money                `json:"basePrice"`
	Weight          taphoa.Opt[taphoa.Quantity] `json:"weight,omitzero"`
	Unit            string                      `json:"unit"`
	MasterProductID taphoa.Opt[int64]           `json:"masterProductId,omitzero"`
	MasterUnitID    taphoa.Opt[int64]           `json:"masterUnitId,omitzero"`
	ConversionValue taphoa.Quantity             `json:"conversionValue"`
	Description     taphoa.Opt[string]          `json:"description,omitzero"`
	CreatedDate     taphoa.Time                 `json:"createdDate"`
	ModifiedDate    taphoa.Opt[taphoa.Time]     `json:"modifiedDate,omitzero"`
	IsActive        bool                        `json:"isActive"`
	IsRewardPoint   bool                        `json:"isRewardPoint"`
	IsLotSerial     bool                        `json:"isLotSerialControl"`
	IsBatchExpire   bool                        `json:"isBatchExpireControl"`
	OrderTemplate   taphoa.Opt[string]          `json:"orderTemplate,omitzero"`
	MinQuantity     taphoa.Opt[taphoa.Quantity] `json:"minQuantity,omitzero"`
	MaxQuantity     taphoa.Opt[taphoa.Quantity] `json:"maxQuantity,omitzero"`
	TaxType         taphoa.Opt[string]          `json:"taxType,omitzero"`
	TaxRate         taphoa.Opt[string]          `json:"taxRate,omitzero"`
	TaxRateDirect   taphoa.Opt[taphoa.Percent]  `json:"taxRateDirect,omitzero"`
	Images          []string                    `json:"images,omitzero"`
	Attributes      []struct{ Name string }     `json:"attributes,omitzero"`
	Inventories     []inventory                 `json:"inventories,omitzero"`
}

type inventory struct {
	ProductID      int64           `json:"productId"`
	ProductCode    string          `json:"productCode"`
	BranchID       int64           `json:"branchId"`
	BranchName     string          `json:"branchName"`
	Cost           taphoa.Money    `json:"cost"`
	OnHand         taphoa.Quantity `json:"onHand"`
	Reserved       taphoa.Quantity `json:"reserved"`
	ActualReserved taphoa.Quantity `json:"actualReserved"`
	MinQuantity    taphoa.Quantity `json:"minQuantity"`
	MaxQuantity    taphoa.Quantity `json:"maxQuantity"`
	IsActive       bool            `json:"isActive"`
	OnOrder        taphoa.Quantity `json:"onOrder"`
}

func productPage() *taphoa.Page[product] {
	page := &taphoa.Page[product]{Total: 5321, PageSize: 100, Timestamp: 1_791_358_749_496_969}
	for i := range int64(100) {
		at := taphoa.Time(1_780_000_000_123_000 + i)
		page.Data = append(page.Data, product{
			ID: 1000100 + i, RetailerID: 500123, Code: fmt.Sprintf("SP%06d", i), BarCode: taphoa.Some(fmt.Sprint(8934563000000 + i)),
			Name: "Nước mắm Nam Ngư chai 500ml", FullName: "Nước mắm Nam Ngư chai 500ml (Chai)",
			CategoryID: 77, CategoryName: "Gia vị", AllowsSale: true, Type: 2, BasePrice: taphoa.Dong(39_000), Unit: "Chai",
			ConversionValue: taphoa.Units(1), CreatedDate: at, ModifiedDate: taphoa.Some(at), IsActive: true,
			TaxType: taphoa.Some("truc_tiep"), Images: []string{"https://cdn.example.vn/p/1.jpg"},
			Inventories: []inventory{
				{1000100 + i, "SP000001", 1, "Chi nhánh trung tâm", taphoa.Dong(31_500), taphoa.Units(120), taphoa.Units(3), taphoa.Units(3), 0, taphoa.Units(999_999), true, 0},
				{1000100 + i, "SP000001", 2, "Chi nhánh Hải Phòng", taphoa.Dong(31_500), 45.5 * taphoa.Scale, 0, 0, 0, taphoa.Units(999_999), true, taphoa.Units(12)},
			},
		})
	}
	return page
}

func BenchmarkEncodeProducts(b *testing.B) {
	page := productPage()
	run := func(name string, encode func([]byte) []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			dst := encode(nil)
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				dst = encode(dst[:0])
			}
		})
	}
	run("wire", func(dst []byte) []byte { return Append(dst, page) })
	run("jsonv2", func(dst []byte) []byte {
		out, err := json.Marshal(page)
		if err != nil {
			b.Fatal(err)
		}
		return out
	})
}

type orderInput struct {
	BranchID     int64                    `json:"branchId"`
	PurchaseDate taphoa.Opt[taphoa.Time]  `json:"purchaseDate"`
	CustomerID   taphoa.Opt[int64]        `json:"customerId"`
	Discount     taphoa.Opt[taphoa.Money] `json:"discount"`
	Description  taphoa.Opt[string]       `json:"description"`
	Method       string                   `json:"method"`
	TotalPayment taphoa.Money             `json:"totalPayment"`
	AccountID    taphoa.Opt[int64]        `json:"accountId"`
	MakeInvoice  bool                     `json:"makeInvoice"`
	SaleChannel  taphoa.Opt[int64]        `json:"saleChannelId"`
	Customer     *struct {
		Name          string             `json:"name"`
		ContactNumber string             `json:"contactNumber"`
		Address       taphoa.Opt[string] `json:"address"`
	} `json:"customer"`
	OrderDetails []struct {
		ProductID   int64                    `json:"productId"`
		ProductCode string                   `json:"productCode"`
		ProductName taphoa.Opt[string]       `json:"productName"`
		Quantity    taphoa.Quantity          `json:"quantity"`
		Price       taphoa.Opt[taphoa.Money] `json:"price"`
		Discount    taphoa.Opt[taphoa.Money] `json:"discount"`
		Note        taphoa.Opt[string]       `json:"note"`
	} `json:"orderDetails"`
	OrderDelivery *struct {
		Receiver      string                      `json:"receiver"`
		ContactNumber string                      `json:"contactNumber"`
		Address       string                      `json:"address"`
		Weight        taphoa.Opt[taphoa.Quantity] `json:"weight"`
	} `json:"orderDelivery"`
}

const orderBody = `{"branchId":12,"purchaseDate":"2026-09-01T08:21:36","discount":5000,"description":"Giao buổi chiều","method":"CASH",` +
	`"totalPayment":0,"makeInvoice":false,"saleChannelId":3,"customer":{"name":"Nguyễn Thị Lan","contactNumber":"0912345678",` +
	`"address":"12 Hàng Bạc"},"orderDetails":[{"productId":1000101,"productCode":"SP000001","productName":"Nước mắm Nam Ngư",` +
	`"quantity":2,"price":39000,"discount":0},{"productId":1000102,"productCode":"SP000002","productName":"Gạo ST25 túi 5kg",` +
	`"quantity":1.5,"price":185000,"discount":5000,"note":"túi mới"},{"productId":1000103,"productCode":"SP000003",` +
	`"productName":"Mì Hảo Hảo tôm chua cay","quantity":30,"price":4500,"discount":0}],"orderDelivery":{"receiver":"Nguyễn Thị Lan",` +
	`"contactNumber":"0912345678","address":"12 Hàng Bạc, Hoàn Kiếm, Hà Nội","weight":7.5}}`

func BenchmarkDecodeOrder(b *testing.B) {
	body := []byte(orderBody)
	run := func(name string, decode func(*orderInput) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				var in orderInput
				if err := decode(&in); err != nil || len(in.OrderDetails) != 3 {
					b.Fatal(err, in)
				}
			}
		})
	}
	src := &Source{Body: body, ContentType: "application/json"}
	run("wire", func(in *orderInput) error { return Decode(src, in) })
	anyCase := json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true))
	run("jsonv2", func(in *orderInput) error { return json.Unmarshal(body, in, anyCase) })
}

func BenchmarkDecodeQuery(b *testing.B) {
	src := &Source{Query: "pageSize=100&currentItem=200&orderBy=id&orderDirection=Desc&branchIds=1%2C2&includeInventory=true"}
	b.ReportAllocs()
	for b.Loop() {
		var in struct {
			taphoa.Paging
			BranchIDs        []int64 `query:"branchIds"`
			IncludeInventory bool    `query:"includeInventory"`
		}
		if err := Decode(src, &in); err != nil || len(in.BranchIDs) != 2 {
			b.Fatal(err, in)
		}
	}
}
