package taphoa

// Tax is a tax rate that a taxId can name (contract taxes; the ids are those of orders and invoices).
type Tax struct {
	TaxID   int64        `json:"taxId"`
	TaxName string       `json:"taxName"`
	Value   Opt[Percent] `json:"value,omitzero"` // percent; absent where the rate is no number (KCT, KKKNT)
	Type    string       `json:"type"`           // TaxDeduction or TaxDirect
}

// The two tax methods.
const (
	TaxDeduction = "Khấu trừ"
	TaxDirect    = "Trực tiếp"
)

// Taxes are all rates, by id.
var Taxes = []Tax{
	{1, "VAT 0%", Some(Ratio(0)), TaxDeduction},
	{2, "VAT 5%", Some(Ratio(5)), TaxDeduction},
	{3, "VAT 8%", Some(Ratio(8)), TaxDeduction},
	{4, "VAT 10%", Some(Ratio(10)), TaxDeduction},
	{5, "KCT", Opt[Percent]{}, TaxDeduction},
	{6, "VAT 1%", Some(Ratio(1)), TaxDirect},
	{7, "VAT 2%", Some(Ratio(2)), TaxDirect},
	{8, "VAT 3%", Some(Ratio(3)), TaxDirect},
	{9, "VAT 5%", Some(Ratio(5)), TaxDirect},
	{12, "KKKNT", Opt[Percent]{}, TaxDeduction},
	{64, "0% VAT 5% TNCN", Some(Ratio(0)), TaxDirect},
	{65, "0% VAT 1,5% TNCN", Some(Ratio(0)), TaxDirect},
	{66, "0% VAT 2% TNCN", Some(Ratio(0)), TaxDirect},
}

// TaxByID finds a rate.
func TaxByID(id int64) (Tax, bool) {
	for _, t := range Taxes {
		if t.TaxID == id {
			return t, true
		}
	}
	return Tax{}, false
}

// TaxList is the response to GET /tax/detail.
type TaxList struct {
	Data      []Tax  `json:"data"`
	Message   string `json:"message,omitzero"`
	IsSuccess bool   `json:"isSuccess"`
}
