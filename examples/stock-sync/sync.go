package stocksync

import (
	"context"
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
)

// Sync writes the levels of one branch of the leading shop to a branch of the following one, and returns how many it has changed. What is
// written is a level and no difference, so that it can be run again after any failure. Products that the other shop does not have are left.
func Sync(ctx context.Context, leads *client.Client, from int64, follows *client.Client, to int64) (changed int, err error) {
	wanted, err := levels(ctx, leads, from)
	if err != nil {
		return 0, fmt.Errorf("the leading shop: %w", err)
	}
	for at := int64(0); ; {
		page, err := follows.ListProducts(ctx, &taphoa.ProductQuery{
			Paging: taphoa.Paging{PageSize: taphoa.PageSizeVendor, CurrentItem: at, OrderBy: "id"}, IncludeInventory: true,
		})
		if err != nil {
			return changed, fmt.Errorf("the following shop: %w", err)
		}
		for i := range page.Data {
			p := &page.Data[i]
			level, known := wanted[p.Code]
			if !known || level == onHand(p, to) {
				continue
			}
			_, err := follows.UpdateProduct(ctx, &taphoa.ProductInput{
				ID: p.ID, Inventories: []taphoa.InventoryInput{{BranchID: to, OnHand: taphoa.Some(level)}},
			})
			if err != nil {
				return changed, fmt.Errorf("product %s: %w", p.Code, err)
			}
			changed++
		}
		if at += int64(len(page.Data)); len(page.Data) == 0 || at >= page.Total {
			return changed, nil
		}
	}
}

// levels are those of the goods of a shop, by code. Services have none, and neither have units of other products.
func levels(ctx context.Context, shop *client.Client, branch int64) (map[string]taphoa.Quantity, error) {
	all := map[string]taphoa.Quantity{}
	for at := int64(0); ; {
		page, err := shop.ListProducts(ctx, &taphoa.ProductQuery{
			Paging: taphoa.Paging{PageSize: taphoa.PageSizeVendor, CurrentItem: at, OrderBy: "id"}, IncludeInventory: true,
		})
		if err != nil {
			return nil, err
		}
		for i := range page.Data {
			if p := &page.Data[i]; p.Type == taphoa.ProductGoods && !p.MasterUnitID.Has() && !p.IsLotSerialControl && !p.IsBatchExpireControl {
				all[p.Code] = onHand(p, branch)
			}
		}
		if at += int64(len(page.Data)); len(page.Data) == 0 || at >= page.Total {
			return all, nil
		}
	}
}

func onHand(p *taphoa.Product, branch int64) taphoa.Quantity {
	for i := range p.Inventories {
		if p.Inventories[i].BranchID == branch {
			return p.Inventories[i].OnHand
		}
	}
	return 0
}
