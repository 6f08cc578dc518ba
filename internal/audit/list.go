package audit

import (
	"math"
	"sort"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	part     = 1000 // entries that are read at once
	lookedAt = 5000 // entries that one answer looks at, at most
)

var columns = db.Columns[Entry]("a")

// List returns a part of the log, the newest entry first. A part may have fewer entries than asked for, or none, where the ones that
// fit are far apart: Next then says where to go on. shows reports whether the caller may see a member; nil: all. Who may not is not
// shown hashes either: they would tell whether a guess is right.
func List(tx *db.Tx, in *taphoa.AuditQuery, shows func(resource, member string) bool) (page taphoa.AuditPage, err error) {
	page.Data = []taphoa.AuditEntry{}
	page.Oldest, _, err = db.One[int64](tx, `SELECT n FROM audit_log WHERE retailer_id = :retailer ORDER BY n LIMIT 1`)
	if err != nil || page.Oldest == 0 {
		return page, err
	}
	head, err := tx.Head()
	if err != nil {
		return page, err
	}
	page.Last = head.Audits
	from, below := page.Oldest, min(in.Before.Or(math.MaxInt64), page.Last+1)
	if in.FromDate.Has() {
		from, err = firstAt(tx, in.FromDate.Value, page.Oldest, page.Last)
	}
	if in.ToDate.Has() && err == nil {
		var until int64
		until, err = firstAt(tx, in.ToDate.Value+1, page.Oldest, page.Last)
		below = min(below, until)
	}
	var found []Entry
	wanted := filterOf(in, shows)
	for looked := 0; err == nil && below > from && looked < lookedAt && len(found) < int(in.Limit); looked += part {
		var rows []Entry
		if rows, err = read(tx, in.RecordID, from, below); err != nil {
			break
		}
		for i := range rows {
			if below = rows[i].N; wanted(&rows[i]) {
				found = append(found, rows[i])
			}
			if len(found) == int(in.Limit) {
				break
			}
		}
		if len(rows) < part && len(found) < int(in.Limit) {
			below = from
		}
	}
	if err != nil {
		return page, err
	}
	if below > from {
		page.Next = taphoa.Some(below)
	}
	page.Data, err = shown(tx, found, shows)
	return page, err
}

func read(tx *db.Tx, record, from, below int64) ([]Entry, error) {
	if record != 0 {
		return db.All[Entry](tx, `SELECT `+columns+` FROM audit_log a
			WHERE a.retailer_id = :retailer AND a.record_id = ? AND a.n >= ? AND a.n < ? ORDER BY a.n DESC LIMIT ?`, record, from, below, int64(part))
	}
	return db.All[Entry](tx, `SELECT `+columns+` FROM audit_log a
		WHERE a.retailer_id = :retailer AND a.n >= ? AND a.n < ? ORDER BY a.n DESC LIMIT ?`, from, below, int64(part))
}

// firstAt is the number of the first entry since an instant, or the one after the last. The instants are in the order of the numbers.
func firstAt(tx *db.Tx, at taphoa.Time, oldest, last int64) (int64, error) {
	var err error
	n := sort.Search(int(last-oldest+1), func(i int) bool {
		if err != nil {
			return true
		}
		var of taphoa.Time
		of, _, err = db.One[taphoa.Time](tx, `SELECT at FROM audit_log WHERE retailer_id = :retailer AND n = ?`, oldest+int64(i))
		return of >= at
	})
	return oldest + int64(n), err
}

// filterOf reports for an entry whether it is asked for. What the caller does not see is not searched.
func filterOf(in *taphoa.AuditQuery, shows func(resource, member string) bool) func(e *Entry) bool {
	needle := text.Fold(strings.TrimSpace(in.Text))
	return func(e *Entry) bool {
		switch {
		case in.UserID != 0 && e.UserID != in.UserID && e.ApproverID != in.UserID,
			in.ClientID != "" && e.ClientID != in.ClientID,
			in.Resource != "" && !strings.EqualFold(e.Resource, in.Resource),
			in.Operation != "" && !strings.EqualFold(e.Operation, in.Operation):
			return false
		case needle == "" || strings.Contains(text.Fold(e.Record), needle):
			return true
		}
		for _, c := range e.changed(shows) {
			if strings.Contains(text.Fold(c.Member+" "+string(c.Before)+" "+string(c.After)), needle) {
				return true
			}
		}
		return false
	}
}

// changed are the changes of an entry that a caller may see.
func (e *Entry) changed(shows func(resource, member string) bool) (all []taphoa.AuditChange) {
	if e.Changes == "" {
		return nil
	}
	d := jsontext.NewDecoder(strings.NewReader(e.Changes), jsontext.AllowDuplicateNames(true))
	value := func() jsontext.Value {
		v, err := d.ReadValue()
		if err != nil {
			return jsontext.Value("null")
		}
		return v.Clone()
	}
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return all
		}
		c := taphoa.AuditChange{Member: name.String()}
		if _, err = d.ReadToken(); err != nil {
			return all
		}
		c.Before, c.After = value(), value()
		if _, err = d.ReadToken(); err != nil {
			return all
		}
		if shows == nil || shows(e.Resource, c.Member[strings.LastIndexByte(c.Member, '.')+1:]) {
			all = append(all, c)
		}
	}
	return all
}

// shown are entries with the names of people and clients.
func shown(tx *db.Tx, entries []Entry, shows func(resource, member string) bool) ([]taphoa.AuditEntry, error) {
	type person struct {
		ID                  int64
		UserName, GivenName string
	}
	var (
		users   []int64
		clients []string
	)
	for i := range entries {
		users, clients = append(users, entries[i].UserID, entries[i].ApproverID), append(clients, entries[i].ClientID)
	}
	people, programs := map[int64]person{}, map[string]string{}
	if len(entries) > 0 {
		rows, err := db.All[person](tx, `SELECT id, user_name, given_name FROM users WHERE retailer_id = :retailer AND id IN ?`, users)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			people[p.ID] = p
		}
		if err := tx.Each(func(row db.Row) error { programs[row.Text(0)] = row.Text(1); return nil },
			`SELECT client_id, name FROM oauth_clients WHERE retailer_id = :retailer AND client_id IN ?`, clients); err != nil {
			return nil, err
		}
	}
	all := make([]taphoa.AuditEntry, len(entries))
	for i := range entries {
		e := &entries[i]
		all[i] = taphoa.AuditEntry{
			Number: e.N, At: e.At, UserID: e.UserID, UserName: people[e.UserID].UserName, GivenName: people[e.UserID].GivenName,
			ApproverID: e.ApproverID, ApproverName: people[e.ApproverID].GivenName, ClientID: e.ClientID, ClientName: programs[e.ClientID],
			Address: e.Address, RequestID: e.RequestID, Operation: e.Operation, Resource: e.Resource, RecordID: max(0, e.RecordID), Record: e.Record,
			FirstEvent: e.FirstSeq, LastEvent: e.LastSeq, Changes: e.changed(shows),
		}
		if shows == nil {
			all[i].Hash = e.Hash
		}
	}
	return all, nil
}
