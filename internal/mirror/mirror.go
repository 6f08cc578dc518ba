package mirror

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
)

// Options of a [Mirror].
type Options struct {
	Retailer string // the shop's name at the source, and here
	Source   string // the address of the source's API
	Mask     bool   // persons' data are written as masks

	// Progress is told of each page that is written; nil: nothing is.
	Progress func(Progress)
}

// Progress is how far a pass over a list is.
type Progress struct {
	List        string
	Read, Total int64
}

// Mirror is a shop of a database that is a copy of a source's.
type Mirror struct {
	db     *db.DB
	source *client.Client
	o      Options
	who    db.Actor
	masks  *masks // nil: what the source shows is what is written
}

// Open returns the mirror of a shop, which it opens in the database if it is not there. It refuses a shop of its own.
func Open(ctx context.Context, d *db.DB, source *client.Client, o Options) (*Mirror, error) {
	m := &Mirror{db: d, source: source, o: o}
	shop, found, err := m.find(ctx)
	if err == nil && !found {
		shop, err = m.open(ctx)
	}
	if err != nil {
		return nil, err
	}
	m.who = db.Actor{Retailer: shop.RetailerID, User: org.MirrorOwner}
	return m, nil
}

// find finds the mirror in the database.
func (m *Mirror) find(ctx context.Context) (shop org.Shop, found bool, err error) {
	err = m.db.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		if shop, found, err = org.FindShop(tx, m.o.Retailer); err != nil || !found {
			return err
		}
		tx.Retailer = shop.RetailerID
		of, err := org.MirrorSource(tx)
		switch {
		case err != nil:
		case of == "":
			err = message.Errorf("the shop %s of this database is no copy of another one: name another database with --database", m.o.Retailer)
		case of != m.o.Source:
			err = message.Errorf("the shop %s is a copy of %s, not of %s: name the right address with --api, or another database with --database", m.o.Retailer, of, m.o.Source)
		default:
			err = m.findMasks(tx)
		}
		return err
	})
	return shop, found, err
}

// findMasks finds what the masks of the mirror are made with. The choice is made once: a mirror that has both shows which mask is whose.
func (m *Mirror) findMasks(tx *db.Tx) error {
	key, err := org.MirrorMaskKey(tx)
	switch {
	case err != nil:
		return err
	case key == "" && m.o.Mask:
		return message.Errorf("the copy of %s has persons' data as they are: leave out --mask, or make a masked copy in another database with --database", m.o.Retailer)
	case key != "" && !m.o.Mask:
		return message.Errorf("the copy of %s is masked: give --mask, or make a copy that is not in another database with --database", m.o.Retailer)
	case key != "":
		m.masks = newMasks(key)
	}
	return nil
}

// open opens the shop with the id that its branches show.
func (m *Mirror) open(ctx context.Context) (shop org.Shop, err error) {
	page, err := m.source.ListBranches(ctx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}})
	switch {
	case err != nil:
		return shop, fmt.Errorf("branches: %w", err)
	case len(page.Data) == 0 || page.Data[0].RetailerID <= 0:
		return shop, message.Errorf("the live shop shows no branch with the shop's id, so that it cannot be copied")
	}
	key := ""
	if m.o.Mask {
		key = rand.Text()
		m.masks = newMasks(key)
	}
	err = m.db.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		shop, err = org.OpenMirror(tx, page.Data[0].RetailerID, m.o.Retailer, m.o.Source, key)
		return err
	})
	return shop, err
}

// Retailer is the id of the shop.
func (m *Mirror) Retailer() int64 { return m.who.Retailer }

// Pull reads what has changed at the source since the last pull, and all of a list that was not read to its end yet. Lists that were
// read for the first time are read again for what has changed meanwhile. Those that a cut pull has left come first, so that one that is
// cut again and again gets to an end.
func (m *Mirror) Pull(ctx context.Context) error {
	if err := m.pullSettings(ctx); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := m.pullLists(ctx, lists); err != nil {
		return err
	}
	prices, err := m.prices(ctx)
	if err != nil {
		return err
	}
	return m.pullLists(ctx, prices)
}

// pullLists follows lists, and then those of which others say that many records have changed.
func (m *Mirror) pullLists(ctx context.Context, lists []mirrored) error {
	states, err := m.states(ctx)
	if err != nil {
		return err
	}
	waiting := slices.Clone(lists)
	slices.SortStableFunc(waiting, func(a, b mirrored) int { return states[a.called()].before(states[b.called()]) })
	for _, l := range waiting {
		if err := m.follow(ctx, l, states); err != nil {
			return err
		}
	}
	if states, err = m.states(ctx); err != nil {
		return err
	}
	for _, l := range []mirrored{products, customers, suppliers} {
		if states[l.called()].Since == allOfTime {
			if err := m.follow(ctx, l, states); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Mirror) follow(ctx context.Context, l mirrored, states map[string]progress) error {
	at, begun := states[l.called()]
	if !begun {
		at.Name = l.called()
	}
	if err := l.follow(ctx, m, at); err != nil {
		return fmt.Errorf("%s: %w", l.called(), err)
	}
	return nil
}

// states are how far the lists are.
func (m *Mirror) states(ctx context.Context) (map[string]progress, error) {
	var rows []progress
	err := m.db.Read(ctx, m.who, func(tx *db.Tx) (err error) {
		rows, err = db.All[progress](tx, `SELECT `+db.Columns[progress]("m")+` FROM mirror_lists m WHERE m.retailer_id = :retailer ORDER BY m.name`)
		return err
	})
	states := make(map[string]progress, len(rows))
	for _, p := range rows {
		states[p.Name] = p
	}
	return states, err
}

// pullSettings takes over the settings that the vendor shows.
func (m *Mirror) pullSettings(ctx context.Context) error {
	s, err := m.source.GetSettings(ctx, &struct{}{})
	if err != nil {
		return err
	}
	return m.db.Write(ctx, m.who, func(tx *db.Tx) error {
		_, err := org.UpdateSettings(tx, &taphoa.SettingsInput{
			ManagerCustomerByBranch:    taphoa.Some(s.ManagerCustomerByBranch),
			AllowOrderWhenOutStock:     taphoa.Some(s.AllowOrderWhenOutStock),
			AllowSellWhenOrderOutStock: taphoa.Some(s.AllowSellWhenOrderOutStock),
			AllowSellWhenOutStock:      taphoa.Some(s.AllowSellWhenOutStock),
		})
		return err
	})
}
