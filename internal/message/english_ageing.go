package message

// englishAgeing is the part of [english] for due days, statements and debts by age.
var englishAgeing = []entry{
	{"Loại đối tác (partnerType) phải là C (khách hàng) hoặc S (nhà cung cấp)", "The type of partners (partnerType) must be C (customers) or S (suppliers)"},
	{"Số ngày nợ (paymentDays) phải từ 0 đến %d", "The days until a debt is due (paymentDays) must be from 0 to %d"},
}
