package testbench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// ForkInput is what a fork is made with: POST /_sandbox/shops. All of it may be left out.
type ForkInput struct {
	Name         string `json:"name"`         // of at most 40 lower-case letters, digits and hyphens
	Template     string `json:"template"`     // [DefaultTemplate] unless given
	Retailer     string `json:"retailer"`     // the value of the header; the name unless given
	ClientID     string `json:"clientId"`     // any text, as a program has it in its code
	ClientSecret string `json:"clientSecret"` // likewise
	Replace      bool   `json:"replace"`      // delete the fork that has this name or client first, which a test left that has been killed
}

// Fork is a copy of a template's shop.
type Fork struct {
	Name         string      `json:"name"`
	Template     string      `json:"template"`
	Retailer     string      `json:"retailer"`
	ClientID     string      `json:"clientId"`
	ClientSecret string      `json:"clientSecret"`
	Scopes       string      `json:"scopes"`
	CreatedDate  taphoa.Time `json:"createdDate"`

	dir         string
	number      int64 // of the shop: retailer_id
	used        int64 // of [Sandbox.clock], when it was used last
	expected    int64 // bytes of files that are being made
	anyRetailer bool  // the header Retailer may have any value
	log         *slog.Logger
	of          *Sandbox
	seen        requests
	clock       clock
	faults      faults

	adopted map[string]string // the secrets of clients that it has taken as they came, by id; under Sandbox.adopting

	mu    sync.RWMutex // held for reading while shop is taken, for writing while it is replaced
	shop  *shop        // nil once it is deleted, or could not be made
	epoch taphoa.Time  // the last one of its feed of events that a restore has begun
}

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func (in *ForkInput) validate() error {
	if in.Name != "" && !namePattern.MatchString(in.Name) {
		return taphoa.Refuse(taphoa.CodeValidate, "name", "Tên bản sao (name) gồm tối đa 40 chữ thường không dấu, chữ số và dấu gạch, ví dụ kho-1")
	}
	if (in.ClientID == "") != (in.ClientSecret == "") {
		return taphoa.Refuse(taphoa.CodeValidate, "clientId", "clientId và clientSecret đi cùng nhau: gửi cả hai hoặc không gửi")
	}
	return nil
}

// Create makes a fork. It refuses a name, a client or a Retailer that another fork has.
func (s *Sandbox) Create(ctx context.Context, in ForkInput) (*Fork, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	if in.Template == EmptyTemplate {
		if err := s.addEmpty(ctx); err != nil {
			return nil, err
		}
	}
	f, t, err := s.reserve(&in)
	if err != nil {
		return nil, err
	}
	err = f.copyTemplate(ctx, t)
	f.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	f.expected -= t.bytes
	switch {
	case s.forks[f.Name] != f: // it was removed meanwhile
		return nil, errors.Join(err, s.gone(f))
	case err != nil:
		s.remove(f)
		return nil, err
	}
	return f, nil
}

// gone is the error for a fork that was removed while it was made. s.mu is held.
func (s *Sandbox) gone(f *Fork) error {
	if s.ctx.Err() != nil {
		return errClosed
	}
	return s.missing(f.Name)
}

// reserve enters a fork that is still to be opened, and is locked until then: requests for it wait.
func (s *Sandbox) reserve(in *ForkInput) (*Fork, *template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, nil, errClosed
	}
	t := s.templates[cmp.Or(in.Template, DefaultTemplate)]
	if t == nil {
		return nil, nil, errNoTemplate(in.Template)
	}
	s.made++
	f := &Fork{
		Name: cmp.Or(in.Name, fmt.Sprintf("shop-%d", s.made)), Template: t.name, ClientID: in.ClientID, ClientSecret: in.ClientSecret,
		Scopes: oauth.ScopePublic + " " + oauth.ScopeAdmin, number: t.retailer, of: s,
	}
	f.log = s.log.With("fork", f.Name)
	f.Retailer = cmp.Or(in.Retailer, f.Name)
	if f.ClientID == "" {
		f.ClientID, f.ClientSecret = oauth.NewCredentials()
	}
	if s.o.Quirks {
		if err := f.faults.set(nil, []string{AllQuirks}); err != nil {
			return nil, nil, err
		}
	}
	f.seen.watch = newWatch(f.Retailer)
	f.seen.keepSecret(f.ClientSecret)
	if err := s.free(f, in.Replace); err != nil {
		return nil, nil, err
	}
	if err := s.makeSpace(nil, t.bytes); err != nil {
		return nil, nil, err
	}
	f.expected, f.CreatedDate = t.bytes, f.clock.Now()
	f.dir = filepath.Join(s.o.Dir, "forks", fmt.Sprint(s.made)) // a name may be used again while its files are being removed
	f.mu.Lock()
	s.use(f)
	s.forks[f.Name], s.clients[strings.ToLower(f.ClientID)] = f, f
	s.evicted.forget(f)
	return f, t, nil
}

// free refuses what another fork is known by, or deletes that.
func (s *Sandbox) free(f *Fork, replace bool) error {
	for _, other := range s.forks {
		field, what := "", ""
		switch {
		case other.Name == f.Name:
			field, what = "name", f.Name
		case strings.EqualFold(other.ClientID, f.ClientID):
			field, what = "clientId", f.ClientID
		case text.CodeKey(other.Retailer) == text.CodeKey(f.Retailer):
			field, what = "retailer", f.Retailer
		default:
			continue
		}
		if !replace {
			return taphoa.Refuse(taphoa.CodeValidate, field, "Bản sao %s đã dùng %s %s: xóa nó trước, hoặc gửi \"replace\": true", other.Name, field, what)
		}
		s.remove(other)
	}
	return nil
}

// copyTemplate copies the template, serves the copy and gives it its name and its client.
func (f *Fork) copyTemplate(ctx context.Context, t *template) (err error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	if err := copyFile(f.file(), t.file); err != nil {
		return err
	}
	if f.shop, err = f.openShop(); err != nil {
		return err
	}
	return f.shop.write(ctx, f.number, func(tx *db.Tx) error {
		if err := org.RenameShop(tx, f.Retailer); err != nil {
			return err
		}
		return addClient(tx, f.ClientID, f.ClientSecret)
	})
}

// addClient registers a program with the credentials that it has in its code.
func addClient(tx *db.Tx, id, secret string) error {
	owner, err := org.FindSeller(tx, "userId", 0)
	if err != nil {
		return err
	}
	tx.User = owner.ID
	_, _, err = oauth.CreateClient(tx, oauth.ClientInput{
		Name: "Sandbox", Scopes: []string{oauth.ScopePublic, oauth.ScopeAdmin}, ClientID: id, Secret: secret, AnyShape: true,
	})
	return err
}

func (f *Fork) file() string { return filepath.Join(f.dir, "taphoa.db") }

// take returns the fork's server for a request or another use, which done ends.
func (f *Fork) take() (p *shop, done func(), err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.shop == nil {
		return nil, nil, errNoFork(f.Name)
	}
	f.shop.requests.Add(1)
	return f.shop, f.shop.requests.Done, nil
}

// serve passes a request to the fork, and notes it.
func (f *Fork) serve(w http.ResponseWriter, r *http.Request) {
	p, done, err := f.take()
	if err != nil {
		fail(w, err)
		return
	}
	defer done()
	f.seen.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asOurs(r) // after the request was noted as it came
		f.serveWithFaults(p, w, r)
	}), w, r)
}

// Delete ends a fork; its files are removed in the background.
func (s *Sandbox) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.forks[name]
	if f == nil {
		return s.missing(name)
	}
	s.remove(f)
	return nil
}

// remove has no request find a fork, and ends it. s.mu is held.
func (s *Sandbox) remove(f *Fork) {
	delete(s.forks, f.Name)
	for id, of := range s.clients {
		if of == f {
			delete(s.clients, id)
		}
	}
	if s.def == f {
		s.def = nil
	}
	s.closing.Go(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		var err error
		if f.shop != nil {
			err = errors.Join(f.shop.close(), f.faults.past.close())
			f.shop = nil
		}
		if err = errors.Join(err, os.RemoveAll(f.dir)); err != nil {
			f.log.Warn("a fork was not removed", "error", err.Error())
		}
	})
}

// SetDefault has a fork get the requests that belong to no other one.
func (s *Sandbox) SetDefault(f *Fork) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.def, f.anyRetailer = f, s.o.AnyCredentials
	f.seen.watchAny(f.anyRetailer)
}

// adopt has a fork, if it is the default one, know a client that no fork knows.
func (s *Sandbox) adopt(ctx context.Context, f *Fork, id, secret string) error {
	s.adopting.Lock()
	defer s.adopting.Unlock()
	known, err := s.byClient(id)
	if known != nil || err != nil || !s.isDefault(f) {
		return err
	}
	if f.adopted[id] != "" { // another fork had taken it, and is gone
		s.enter(id, f)
		return nil
	}
	p, done, err := f.take()
	if err != nil {
		return err
	}
	defer done()
	if err := p.write(ctx, f.number, func(tx *db.Tx) error { return addClient(tx, id, secret) }); err != nil {
		return err
	}
	if f.adopted == nil {
		f.adopted = map[string]string{}
	}
	f.adopted[id] = secret
	f.seen.keepSecret(secret)
	s.enter(id, f)
	return nil
}

// enter has requests of a client belong to a fork.
func (s *Sandbox) enter(id string, f *Fork) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[id] = f
}

func (s *Sandbox) isDefault(f *Fork) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.def == f
}

// keepAdopted enters the adopted clients that a snapshot was saved without.
func (f *Fork) keepAdopted(tx *db.Tx) error {
	clients, err := oauth.ListClients(tx)
	for id, secret := range f.adopted {
		if !slices.ContainsFunc(clients, func(c oauth.Client) bool { return c.ClientID == id }) {
			err = errors.Join(err, addClient(tx, id, secret))
		}
	}
	return err
}

// asOurs has a program call the shop by the name that it has here, where any is accepted.
func (f *Fork) asOurs(r *http.Request) {
	if f.anyRetailer && r.Header.Get("Retailer") != "" {
		r.Header.Set("Retailer", f.Retailer)
	}
}
