// Package catalog is about what the shop sells: categories, brands, attributes, products and price books.
//
// It converts products of documents for the ledger of package stock, which has base units only: a unit to a quantity of its
// base unit, a combo to its materials, a service to nothing ([Items], [plan.Item.Quantities]). The other way
// round it shows the ledger's levels in the unit of each product.
//
// The invariants:
//
//  1. a base unit has conversion value 1 and no master unit; a unit has a base unit as its master, and no stock of its own
//  2. the products of a kind have its first product as their master product; that one has none
//  3. a material of a combo is a living product and no combo
//  4. categories nest at most three levels deep and never in a ring
//  5. full_name and search follow from name, attribute values, unit, code and bar code
//  6. products.parts has the tables with rows about a product; see refreshChildTables
//
// It owns the tables categories, trademarks, attributes, products, product_attributes, product_taxes, product_formulas,
// product_warranties, product_shelves, product_limits, price_books, price_book_details,
// price_book_branches, price_book_customer_groups and price_book_users.
package catalog
