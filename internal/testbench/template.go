package testbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/webhook"
)

// DefaultTemplate is the template of forks that name none, EmptyTemplate the one that [Empty] fills when the first fork wants it.
const (
	DefaultTemplate = "default"
	EmptyTemplate   = "empty"
)

// template is a closed database with one shop, which forks are copies of.
type template struct {
	name     string
	file     string
	bytes    int64
	retailer int64 // the id of its shop
}

// Demo fills a template with the shop that `serve --demo` has: 300 products, and the documents of its last ninety days.
func Demo(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		return demo.FillShop(tx, func() error {
			_, err := org.CreateShop(tx, "template", demo.ShopName)
			return err
		})
	})
}

// Nothing leaves a template as it is: for [Requests] of a shop that is there.
func Nothing(context.Context, *db.DB) error { return nil }

// Empty fills a template with a shop that has one branch and nothing else.
func Empty(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		_, err := org.CreateShop(tx, "template", "Gian hàng trống")
		return err
	})
}

// AddTemplate makes a template that fill fills, or replaces the one of that name.
func (s *Sandbox) AddTemplate(ctx context.Context, name string, fill func(context.Context, *db.DB) error) error {
	return s.addTemplate(ctx, name, fill, nil)
}

// AddFile makes a template of the shop in a file: a database of SQLite, or a backup of one. The file is only read. What the shop's own
// programs and people sign in with is not in the template, nor are its webhooks.
func (s *Sandbox) AddFile(ctx context.Context, name, file string) error {
	return s.AddFileWith(ctx, name, file, nil)
}

// AddFileWith is [Sandbox.AddFile] with more to fill it, such as [Requests] of nothing else; nil: nothing.
func (s *Sandbox) AddFileWith(ctx context.Context, name, file string, fill func(context.Context, *db.DB) error) error {
	prepare := func(ctx context.Context, d *db.DB) error {
		err := scrub(ctx, d)
		if err == nil && fill != nil {
			err = fill(ctx, d)
		}
		return err
	}
	err := s.addTemplate(ctx, name, prepare, func(to string) error {
		_, err := db.Restore(ctx, "sqlite:"+to, file, db.RestoreOptions{
			Accept: schema.Accept, Tables: schema.Tables(), Prepare: func(ctx context.Context, d *db.DB) error { _, err := schema.Migrate(ctx, d); return err },
			Open: db.Options{Volatile: true},
		})
		return err
	})
	return explainSeed(file, err)
}

// scrub takes from a copied shop what must not work in a copy, or reach out of it.
func scrub(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		shop, err := onlyShop(tx)
		if err != nil {
			return err
		}
		oauth.Scrub(tx)
		tx.Retailer = shop.RetailerID
		access.Scrub(tx)
		webhook.Scrub(tx)
		org.EndMirror(tx)
		api.ForgetAnswers(tx)
		return nil
	})
}

// severalShops is for a database that has not one shop.
type severalShops struct{ count int }

func (e *severalShops) Error() string { return fmt.Sprintf("%d shops", e.count) }

// onlyShop is the shop of a database that has one.
func onlyShop(tx *db.Tx) (org.Shop, error) {
	shops, err := org.ListShops(tx)
	switch {
	case err != nil:
		return org.Shop{}, err
	case len(shops) != 1:
		return org.Shop{}, &severalShops{len(shops)}
	}
	return shops[0], nil
}

// explainSeed says what is wrong with the file of a template.
func explainSeed(file string, err error) error {
	refuse := func(format string, args ...any) error {
		return taphoa.Refuse(taphoa.CodeValidate, "seed", format, args...)
	}
	newer, damage, several := (*schema.NewerError)(nil), (*db.DamagedError)(nil), (*severalShops)(nil)
	switch {
	case errors.As(err, &several):
		return refuse("Tệp %s có %d gian hàng, mẫu của sandbox cần đúng một", file, several.count)
	case errors.As(err, &newer):
		return refuse("Tệp %s do phiên bản Taphoa mới hơn tạo ra (có bước nâng cấp %s): hãy dùng sandbox của phiên bản đó", file, newer.Migration)
	case errors.Is(err, db.ErrNoBackup) && begins(file, "PGDMP"):
		return refuse("Tệp %s là bản sao lưu của PostgreSQL, sandbox chỉ đọc cơ sở dữ liệu hoặc bản sao lưu của SQLite", file)
	case errors.Is(err, db.ErrNoBackup), errors.Is(err, schema.ErrForeign):
		return refuse("Tệp %s không phải là cơ sở dữ liệu hay bản sao lưu của Taphoa", file)
	case errors.As(err, &damage):
		return refuse("Tệp %s bị hỏng: %s", file, damage.Faults[0])
	case errors.Is(err, fs.ErrNotExist):
		return refuse("Không có tệp %s", file)
	}
	return err
}

// begins reports whether a file begins with a text.
func begins(file, with string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(with))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == with
}

// addEmpty makes the empty template, unless it is there.
func (s *Sandbox) addEmpty(ctx context.Context) error {
	s.adding.Lock()
	defer s.adding.Unlock()
	s.mu.Lock()
	t := s.templates[EmptyTemplate]
	s.mu.Unlock()
	if t != nil {
		return nil
	}
	return s.AddTemplate(ctx, EmptyTemplate, Empty)
}

func (s *Sandbox) addTemplate(ctx context.Context, name string, fill func(context.Context, *db.DB) error, restore func(file string) error) (err error) {
	if !namePattern.MatchString(name) {
		return taphoa.Refuse(taphoa.CodeValidate, "template", "Tên mẫu (template) gồm tối đa 40 chữ thường không dấu, chữ số và dấu gạch, không phải %s", name)
	}
	t := &template{name: name}
	if t.file, err = s.templateFile(name); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			removeDatabase(t.file)
		}
	}()
	if err := os.Remove(t.file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if restore != nil {
		if err := restore(t.file); err != nil {
			return err
		}
	}
	err = t.open(ctx, func(d *db.DB) error {
		if _, err := schema.Migrate(ctx, d); err != nil {
			return err
		}
		if err := fill(ctx, d); err != nil {
			return err
		}
		if _, err := oauth.New(d, oauth.Options{}); err != nil { // one key for all forks: making one takes longer than a fork
			return err
		}
		return d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
			shop, err := onlyShop(tx)
			t.retailer = shop.RetailerID
			return err
		})
	})
	if err != nil {
		return err
	}
	info, err := os.Stat(t.file)
	if err != nil {
		return err
	}
	t.bytes = info.Size()
	s.mu.Lock()
	s.templates[name] = t
	s.mu.Unlock()
	return nil
}

// templateFile is where a template of a name is.
func (s *Sandbox) templateFile(name string) (string, error) {
	dir := filepath.Join(s.o.Dir, "templates")
	return filepath.Join(dir, name+".db"), os.MkdirAll(dir, 0o700)
}

func (t *template) open(ctx context.Context, do func(*db.DB) error) error {
	d, err := db.Open(ctx, "sqlite:"+t.file, db.Options{Volatile: true, Readers: 1})
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.Close())
}

// removeDatabase removes a database and what is beside it.
func removeDatabase(file string) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(file + suffix)
	}
}

// copyFile copies a closed database. On file systems that can it shares the blocks.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
