package catalog_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

// members lists the members of a JSON object.
func members(t *testing.T, v any) string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal(wire.Append(nil, v), &object); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func sorted(names string) string {
	list := strings.Fields(names)
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestAProductHasEveryDocumentedMember(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const always = `id code retailerId allowsSale name categoryId categoryName type fullName description hasVariants attributes
			unit units conversionValue images basePrice weight isLotSerialControl isBatchExpireControl createdDate modifiedDate isActive isRewardPoint`
		bare := s.create("Trơn")
		row := s.products(taphoa.ProductQuery{}).Data[0]
		equal(t, "the members of a bare product", members(t, &row), sorted(always))
		const parts = ` inventories priceBooks productSerials productBatchExpires productWarranties productShelves`
		equal(t, "the members of its detail", members(t, &bare), sorted(always+parts))

		var brand taphoa.Trademark
		s.do(func(tx *db.Tx) (err error) {
			brand, err = catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: "Hiệu"})
			return err
		})
		p := s.create("Đủ", comboOf(material(bare.ID, 1)), func(p *in) {
			p.BarCode, p.TradeMarkID, p.MasterProductID = taphoa.Some("893"), taphoa.Some(brand.TradeMarkID), taphoa.Some(bare.ID)
			p.ProductTaxs, p.PurchaseTax = []taphoa.TaxRef{{TaxID: 3}}, taphoa.Some(taphoa.TaxRef{TaxID: 3})
			p.OrderTemplate, p.MasterCode = taphoa.Some("x"), taphoa.Some("SPC1")
		})
		s.update(p.ID)
		p = read(s, catalog.GetProduct, &taphoa.ProductByID{ID: p.ID, IncludeQuantity: true})
		const more = ` barCode tradeMarkId tradeMarkName masterProductId productFormulas orderTemplate minQuantity maxQuantity
			taxType taxRate productTaxs purchaseTax masterCode`
		equal(t, "the members of a full one", members(t, &p), sorted(always+parts+more))
		equal(t, "the members of an inventory", members(t, &p.Inventories[0]), sorted(`productId productCode productName branchId
			branchName onHand cost onOrder reserved actualReserved minQuality maxQuality minQuantity maxQuantity isActive`))
		unit := s.create("Lốc", unitOf(bare.ID, "lốc", 6))
		if got := members(t, &unit); !strings.Contains(got, "masterUnitId") {
			t.Errorf("a unit has the members %s", got)
		}
		bare = s.product(bare.ID)
		equal(t, "the members of a unit", members(t, &bare.Units[0]), sorted("id code name fullName unit conversionValue basePrice"))
		page := read(s, catalog.ListProductOnHands, &taphoa.OnHandQuery{Paging: taphoa.Paging{PageSize: 1}})
		equal(t, "the members of a stock entry", members(t, &page.Data[0].Inventories[0]), sorted("branchId onhand onHand reserved"))
	})
}

func TestProductsAreTakenAsClientsSendThem(t *testing.T) {
	for body, want := range map[string]string{
		`{"Name":"Áo","productType":"2","images":[{"Image":"https://a/1.jpg"},"https://a/2.jpg"],"barcode":893}`:                     "Áo 2 [https://a/1.jpg https://a/2.jpg] 893",
		`{"name":"Áo","type":3,"images":null,"barCode":null,"inventories":[{"branchId":"7","onHand":"90.5","minQuantity":""}]}`:      "Áo 3 []  7 90.5 false",
		`{"name":"Áo","brandId":5,"isProductSerial":1,"inventories":{"branchId":7,"onHand":1,"cost":null,"reserved":4},"otherId":1}`: "Áo 0 []  7 1 false",
	} {
		var p taphoa.ProductInput
		if err := wire.Decode(&wire.Source{Body: []byte(body), ContentType: "application/json"}, &p); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(p.Name.Value, " ", p.Type.Value, " ", p.Images, " ", p.BarCode.Value)
		for _, i := range p.Inventories {
			got += fmt.Sprint(" ", i.BranchID, " ", i.OnHand.Value, " ", i.MinQuantity.Has())
		}
		equal(t, body, got, want)
	}
	var list taphoa.ProductsInput
	if err := wire.Decode(&wire.Source{Body: []byte(`{"listProducts":[{"id":3,"name":"A"},{"id":"4"}]}`)}, &list); err != nil || len(list.ListProducts) != 2 || list.ListProducts[1].ID != 4 {
		t.Errorf("the list is %+v, %v", list, err)
	}
	var q taphoa.ProductQuery
	err := wire.Decode(&wire.Source{Query: "BranchIds=&isMykiot=true&IncludeSoftDeletedAttribute=0&includeInventory=True&productType=true&PageSize=1000"}, &q)
	if err != nil || !q.IncludeInventory || q.IncludeSoftDeletedAttribute.Or(true) || len(q.BranchIDs) != 0 || q.PageSize != 1000 {
		t.Errorf("the query is %+v, %v", q, err)
	}
}

func TestManyClientsAtOnceCreateOneCategoryAndGaplessCodes(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const clients = 8
		var group sync.WaitGroup
		for i := range clients {
			group.Go(func() {
				err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
					_, err := catalog.CreateProduct(tx, input(fmt.Sprint("Hàng ", i), attributed("Màu", "Đỏ"), stocked(s.main, 1, 1)))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		equal(t, "the categories", s.categories(taphoa.CategoryQuery{}).Total, 1)
		equal(t, "the attributes", len(read(s, catalog.ListAttributes, &struct{}{})), 1)
		page := s.products(taphoa.ProductQuery{Paging: taphoa.Paging{OrderBy: "code"}})
		equal(t, "the products", page.Total, clients)
		equal(t, "the last code", page.Data[clients-1].Code, fmt.Sprintf("SP%06d", clients))
	})
}
