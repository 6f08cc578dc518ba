package taphoa

// Attribute is what the variants of products differ in, with all values in use (contract products, Attribute).
type Attribute struct {
	Name            string           `json:"name"`
	ID              int64            `json:"id"`
	AttributeValues []AttributeValue `json:"attributeValues"`
}

// AttributeValue is one value of an attribute.
type AttributeValue struct {
	Value       string `json:"value"`
	AttributeID int64  `json:"attributeId"`
}

// ProductAttribute is an attribute's value for one product.
type ProductAttribute struct {
	ProductID      int64  `json:"productId"`
	AttributeName  string `json:"attributeName"`
	AttributeValue string `json:"attributeValue"`
}

// AttributeInput gives a product a value of an attribute, which is made if the shop has none of that name.
type AttributeInput struct {
	AttributeName  string `json:"attributeName" max:"100"`
	AttributeValue string `json:"attributeValue" max:"255"`
}
