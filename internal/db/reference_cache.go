package db

import "sync"

// references are tables that hardly ever change, and that values are kept of. A statement that writes one of them raises
// the reference version of the shop, so that no operation has to think of it.
var references = map[string]bool{
	"settings": true, "branches": true, "users": true, "sale_channels": true, "trademarks": true, "categories": true,
	"attributes": true, "bank_accounts": true, "surcharges": true, "merged_customers": true, "mirrors": true,
}

// cacheMax is how many values are kept in all; more are forgotten together.
const cacheMax = 50_000

// referenceCache holds values that were read from reference tables.
type referenceCache struct {
	mu     sync.Mutex
	values map[cacheKey]cacheValue
}

type cacheKey struct {
	shop int64
	name string
	key  int64
}

type cacheValue struct {
	refs  int64 // the reference version that it was read at
	value any
}

// ForgetKept makes what [Kept] has of the shop be read again after an operation that writes: for what is kept of tables that are no
// reference tables, where what is kept too long does no harm.
func (tx *Tx) ForgetKept() { tx.state.refs = true }

// Kept returns what load reads from reference tables of the shop, from memory as long as none of them has changed. name
// and key identify what is read; the value is shared, so it must not be changed. An error of load is not kept.
func Kept[T any](tx *Tx, name string, key int64, load func(*Tx) (T, error)) (T, error) {
	if tx.Retailer == 0 || tx.withoutHead { // without a head to go by
		return load(tx)
	}
	h, err := tx.heads.of(tx)
	if err != nil {
		var none T
		return none, err
	}
	if h.isNew || tx.state.refs || h.Refs != h.stored.Refs { // what an uncommitted change shows is not for others
		return load(tx)
	}
	k := cacheKey{tx.Retailer, name, key}
	cache := &tx.db.cache
	cache.mu.Lock()
	v, found := cache.values[k]
	cache.mu.Unlock()
	if found && v.refs == h.Refs {
		return v.value.(T), nil
	}
	value, err := load(tx)
	if err != nil || tx.state.refs {
		return value, err
	}
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if len(cache.values) >= cacheMax || cache.values == nil {
		cache.values = map[cacheKey]cacheValue{}
	}
	if v, found := cache.values[k]; !found || v.refs <= h.Refs {
		cache.values[k] = cacheValue{h.Refs, value}
	}
	return value, nil
}
