package taphoa

// Page sizes of every list (contract transactions-common, rules).
const (
	PageSizeDefault = 20
	PageSizeMax     = 1000 // the vendor's own plug-in asks for 1,000 and steps by it
	PageSizeVendor  = 100  // with --vendor-limits
)

// Paging is the part of a query that every list shares.
type Paging struct {
	PageSize       int64  `query:"pageSize"`
	CurrentItem    int64  `query:"currentItem"` // rows to skip
	OrderBy        string `query:"orderBy"`
	OrderDirection string `query:"orderDirection"`    // Asc or Desc, in any case
	Cursor         string `query:"cursor" max:"8000"` // * for the first page, then the NextCursor of the page before; not the vendor's
}

// Page is the response of a list (contract authentication, PageEnvelope).
type Page[T any] struct {
	Total      int64   `json:"total"`    // matching records before paging
	PageSize   int64   `json:"pageSize"` // the size applied
	Data       []T     `json:"data"`     // never null
	RemovedIDs []int64 `json:"removedIds,omitzero"`
	RemovedID  []int64 `json:"removedId,omitzero"`           // the spelling of suppliers
	RemoveID   []int64 `json:"removeId,omitzero"`            // the spelling of products and customers
	RemoveIDs  []int64 `json:"removeIds,omitzero"`           // the spelling of users and bank accounts
	Totals     *Totals `json:"totals,omitzero" view:"total"` // ours, where they are asked for
	NextCursor string  `json:"nextCursor,omitzero"`          // only where a cursor was sent, and there is a next page
	Timestamp  Stamp   `json:"timestamp"`                    // of the shop's last change, with +07:00
}

// Totals are sums over all records that match, on every page of a list that is asked for them with includeTotals (ours). A list
// has those of its own members, and none where too many records match.
type Totals struct {
	Total        Opt[Money] `json:"total,omitzero"`            // of documents that are not voided: what is to be paid
	TotalPayment Opt[Money] `json:"totalPayment,omitzero"`     // of the same: what is paid
	Debt         Opt[Money] `json:"debt,omitzero" view:"debt"` // of customers: what they owe now
}

// TotalsMax is for how many records sums are worked out.
const TotalsMax = 10_000

// Message is the response to a write that returns nothing but a sentence.
type Message struct {
	Message string `json:"message"`
}

// Sentences of several operations (contract transactions-common, messages).
const (
	MessageDeleted = "Xóa dữ liệu thành công"
	MessageUpdated = "Cập nhật dữ liệu thành công"
)

// Clamp applies the page sizes of the server: 20 without one, at most limit, and no negative offset (contract
// authentication, undocumented).
func (p *Paging) Clamp(limit int64) {
	if p.PageSize < 1 {
		p.PageSize = PageSizeDefault
	}
	p.PageSize = min(p.PageSize, limit)
	p.CurrentItem = max(0, p.CurrentItem)
}

// WholePaging is the part of a query of the lists that the documents do not page: everything, unless a page is asked for
// (contract vouchers, conflict paging).
type WholePaging struct {
	PageSize       Opt[int64] `query:"pageSize"`
	CurrentItem    Opt[int64] `query:"currentItem"`
	OrderBy        string     `query:"orderBy"`
	OrderDirection string     `query:"orderDirection"`
	Cursor         string     `query:"cursor" max:"8000"`
}

// Whole reports that everything is wanted.
func (p *WholePaging) Whole() bool {
	return !p.PageSize.Has() && !p.CurrentItem.Has() && p.Cursor == ""
}

// Clamp applies the page sizes of the server to a page that is asked for.
func (p *WholePaging) Clamp(limit int64) {
	if page := p.Paging(); !p.Whole() {
		page.Clamp(limit)
		p.PageSize, p.CurrentItem = Some(page.PageSize), Some(page.CurrentItem)
	}
}

// Paging is the page asked for, which may hold everything.
func (p *WholePaging) Paging() Paging {
	page := Paging{
		PageSize: p.PageSize.Or(PageSizeDefault), CurrentItem: p.CurrentItem.Or(0), OrderBy: p.OrderBy, OrderDirection: p.OrderDirection,
		Cursor: p.Cursor,
	}
	if p.Whole() {
		page.PageSize = IDMax
	}
	return page
}
