package testbench

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/trust"
)

// setupFileMax is the largest file of requests.
const setupFileMax = 8 << 20

// Requests fills a template as fill does, and then by the requests in the files of a directory, in the order of their names: .http as
// editors send them, .json as {"method","path","body"}. Each must be answered with 2xx. They come from a client with all scopes, which
// is not left behind.
func Requests(dir string, fill func(context.Context, *db.DB) error) func(context.Context, *db.DB) error {
	return func(ctx context.Context, d *db.DB) error {
		variables := map[string]string{}
		all, err := readSetup(dir, variables)
		if err != nil {
			return err
		}
		if err := fill(ctx, d); err != nil {
			return err
		}
		return runSetup(ctx, d, all, variables)
	}
}

// readSetup reads the files of a directory.
func readSetup(dir string, variables map[string]string) (all []setupRequest, err error) {
	entries, err := os.ReadDir(dir) // by name
	if err != nil {
		return nil, taphoa.Refuse(taphoa.CodeValidate, "init", "Không đọc được thư mục %s: %v", dir, err)
	}
	found := false
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		kind := strings.ToLower(filepath.Ext(file))
		if e.IsDir() || kind != ".http" && kind != ".json" && kind != ".rest" || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		found = true
		if info, err := e.Info(); err != nil || info.Size() > setupFileMax {
			return nil, errors.Join(err, setupError(file, 1, "tệp lớn hơn %d MB", setupFileMax>>20))
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var some []setupRequest
		if kind == ".json" {
			some, err = parseJSONRequest(file, string(text))
		} else {
			some, err = parseRequests(file, string(text), variables)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if !found {
		return nil, taphoa.Refuse(taphoa.CodeValidate, "init", "Thư mục %s không có tệp .http hay .json nào", dir)
	}
	return all, nil
}

// runSetup sends requests to the shop of a database.
func runSetup(ctx context.Context, d *db.DB, all []setupRequest, variables map[string]string) error {
	var shop org.Shop
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shop, err = onlyShop(tx)
		return err
	})
	if err != nil {
		return err
	}
	tokens, err := oauth.New(d, oauth.Options{AnyShape: true})
	if err != nil {
		return err
	}
	server := api.New(d, tokens, api.Options{})
	defer server.Stop()
	c := &setupClient{handler: server, retailer: shop.Code, variables: variables, answers: map[string]jsontext.Value{}}
	err = d.Write(ctx, db.Actor{Retailer: shop.RetailerID}, func(tx *db.Tx) (err error) {
		c.id, c.secret, err = tokens.AddInternalClient(tx)
		return err
	})
	if err == nil {
		err = c.signIn(ctx)
	}
	for i := range all {
		if err == nil {
			err = c.send(ctx, &all[i])
		}
	}
	return err
}

// setupClient sends the requests of a setup.
type setupClient struct {
	handler                     http.Handler
	retailer, id, secret, token string
	variables                   map[string]string
	answers                     map[string]jsontext.Value // by the names of the requests
}

func (c *setupClient) signIn(ctx context.Context) error {
	form := url.Values{
		"grant_type": {"client_credentials"}, "scopes": {oauth.ScopePublic + " " + oauth.ScopeAdmin}, "client_id": {c.id}, "client_secret": {c.secret},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost"+oauth.TokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := &unsent{header: http.Header{}}
	c.handler.ServeHTTP(w, r)
	token, has := valueAt(w.body.Bytes(), "access_token")
	if !has {
		return errors.New("no token: " + w.body.String())
	}
	c.token = token
	return nil
}

// targetHost is what a target may begin with: a request copied from a program has the vendor's.
var targetHost = func() []string {
	all := []string{"http://localhost", "http://127.0.0.1"}
	for _, h := range trust.VendorHosts {
		all = append(all, "https://"+h)
	}
	return all
}()

// path is the path and query of a target.
func (c *setupClient) path(r *setupRequest) (string, error) {
	target := r.target
	for _, host := range targetHost {
		if rest, has := strings.CutPrefix(target, host); has {
			if strings.HasPrefix(rest, ":") {
				rest = rest[max(0, strings.IndexByte(rest, '/')):]
			}
			target = rest
			break
		}
	}
	target, err := r.fill(target, c.variables, c.answers)
	if err == nil && !strings.HasPrefix(target, "/") {
		err = setupError(r.file, r.line, "đường dẫn %s phải bắt đầu bằng /", target)
	}
	return target, err
}

func (c *setupClient) send(ctx context.Context, r *setupRequest) error {
	path, err := c.path(r)
	if err != nil {
		return err
	}
	body, err := r.fill(r.body, c.variables, c.answers)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, r.method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		return setupError(r.file, r.line, "%s không phải là đường dẫn đúng", path)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, h := range r.headers {
		value, err := r.fill(h[1], c.variables, c.answers)
		if err != nil {
			return err
		}
		request.Header.Set(h[0], value)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Retailer", c.retailer)
	request.Header.Del("Accept-Encoding")
	w := &unsent{header: http.Header{}}
	c.handler.ServeHTTP(w, request)
	if w.status < 200 || w.status > 299 {
		sentence, _ := valueAt(w.body.Bytes(), "message")
		return setupError(r.file, r.line, "%s %s: %d %s", r.method, path, w.status, sentence)
	}
	if r.name != "" {
		c.answers[r.name] = slices.Clone(w.body.Bytes())
	}
	return nil
}
