package taphoa

// ConversionMax bounds how many base units are in a unit, so that stock and cost can be shown in either.
const ConversionMax = Quantity(1_000_000 * Scale)

// Validate checks one product by itself, without the database. Absent members are not checked.
func (in *ProductInput) Validate() error {
	refuse := func(field, format string, args ...any) error { return Refuse(CodeProduct, field, format, args...) }
	switch conversion := in.ConversionValue.Value; {
	case in.Name.Given() && blank(in.Name.Value):
		return refuse("name", "Tên sản phẩm (name) không được để trống")
	case in.Type.Has() && (in.Type.Value < ProductCombo || in.Type.Value > ProductService):
		return refuse("productType", "Loại sản phẩm (productType) phải là 1 (combo), 2 (hàng hóa) hoặc 3 (dịch vụ)")
	case in.BasePrice.Value < 0:
		return refuse("basePrice", "Giá bán (basePrice) không được âm")
	case in.Weight.Value < 0:
		return refuse("weight", "Trọng lượng (weight) không được âm")
	case conversion < 0 || conversion > ConversionMax:
		return refuse("conversionValue", "Giá trị quy đổi (conversionValue) phải từ 0,0001 đến %s", ConversionMax)
	case in.IsLotSerialControl.Value && in.IsBatchExpireControl.Value:
		return refuse("isBatchExpireControl", "Sản phẩm không thể vừa quản lý theo serial/IMEI vừa theo lô, hạn sử dụng")
	}
	if err := in.validateAttributes(); err != nil {
		return err
	}
	taxes := in.ProductTaxs
	if in.PurchaseTax.Value.TaxID != 0 { // 0 is none
		taxes = append(taxes[:len(taxes):len(taxes)], in.PurchaseTax.Value)
	}
	for _, tax := range taxes {
		if _, known := TaxByID(tax.TaxID); !known {
			return refuse("taxId", "Thuế suất %d (taxId) không tồn tại", tax.TaxID)
		}
	}
	for _, at := range in.Inventories {
		switch lower, upper := at.MinQuantity.Value, at.MaxQuantity.Value; {
		case at.Cost.Value < 0:
			return refuse("cost", "Giá vốn (cost) không được âm")
		case lower < 0 || upper < 0 || upper > 0 && lower > upper:
			return refuse("minQuantity", "Định mức tồn (minQuantity, maxQuantity) không được âm, mức thấp nhất không được vượt mức cao nhất")
		}
	}
	for _, m := range in.ProductFormulas {
		if m.Quantity <= 0 {
			return refuse("productFormulas", "Số lượng hàng thành phần %d%s (quantity) phải lớn hơn 0", m.MaterialID, m.MaterialCode)
		}
	}
	return nil
}

func (in *ProductInput) validateAttributes() error {
	for _, a := range in.Attributes {
		if blank(a.AttributeName) || blank(a.AttributeValue) {
			return Refuse(CodeProduct, "attributes", "Thuộc tính phải có cả tên (attributeName) và giá trị (attributeValue)")
		}
	}
	return nil
}
