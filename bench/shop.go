package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
)

// shop has the data of a shop that the load generator uses.
type shop struct {
	code      string
	token     string
	branch    int64
	products  []int64
	customers []int64
}

func newShop(base, code, client, secret string) (*shop, error) {
	s, err := signIn(base, code, client, secret)
	if err != nil {
		return nil, err
	}
	return s, s.findRecords(base)
}

// signIn gets a token.
func signIn(base, code, client, secret string) (*shop, error) {
	res, err := http.PostForm(base+"/connect/token", url.Values{
		"scopes": {"PublicApi.Access Taphoa.Admin"}, "grant_type": {"client_credentials"},
		"client_id": {client}, "client_secret": {secret},
	})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil {
		return nil, err
	}
	return &shop{code: code, token: token.AccessToken}, nil
}

// findRecords finds products, a branch and customers for the requests.
func (s *shop) findRecords(base string) error {
	var branches, customers struct{ Data []struct{ ID int64 } }
	if err := errors.Join(s.get(base+"/branches", &branches), s.get(base+"/customers?pageSize=200", &customers)); err != nil {
		return err
	}
	s.branch = branches.Data[0].ID
	for _, c := range customers.Data {
		s.customers = append(s.customers, c.ID)
	}
	const pageSize = 1000
	for at := 0; at < shopProducts; at += pageSize {
		var page struct {
			Data []struct {
				ID                   int64
				Type                 int
				IsActive             bool
				AllowsSale           bool
				IsLotSerialControl   bool
				IsBatchExpireControl bool
			}
		}
		if err := s.get(fmt.Sprintf("%s/products?pageSize=%d&currentItem=%d", base, pageSize, at), &page); err != nil {
			return err
		}
		for _, p := range page.Data {
			if p.Type == 2 && p.IsActive && p.AllowsSale && !p.IsLotSerialControl && !p.IsBatchExpireControl {
				s.products = append(s.products, p.ID)
			}
		}
		if len(page.Data) < pageSize {
			break
		}
	}
	if len(s.products) < 3 || len(s.customers) == 0 {
		return errors.New("the shop has too little to sell")
	}
	return nil
}

func (s *shop) get(address string, into any) error {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Retailer", s.code)
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// request returns a whole HTTP request, ready to be sent.
func (s *shop) request(method, target, body string) []byte {
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: bench\r\nRetailer: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, target, s.code, s.token, len(body), body)
}

func (s *shop) invoice(r *rand.Rand, _ []byte) []byte {
	return s.request("POST", "/invoices", s.sale(r))
}

// order returns an order of three lines.
func (s *shop) order(r *rand.Rand, _ []byte) []byte {
	body := strings.Replace(strings.Replace(s.sale(r), `"invoiceDetails"`, `"orderDetails"`, 1), `"totalPayment":20000,`, "", 1)
	return s.request("POST", "/orders", body)
}

// sale returns an invoice of three lines.
func (s *shop) sale(r *rand.Rand) string {
	product := func() int64 { return s.products[r.IntN(len(s.products))] }
	return fmt.Sprintf(
		`{"branchId":%d,"customerId":%d,"method":"Cash","totalPayment":20000,"description":"Khách quen","invoiceDetails":[`+
			`{"productId":%d,"quantity":1,"price":15000},{"productId":%d,"quantity":2,"price":12000,"discount":500},`+
			`{"productId":%d,"quantity":0.5,"price":40000}]}`,
		s.branch, s.customers[r.IntN(len(s.customers))], product(), product(), product())
}

// send sends one request with net/http's client.
func (s *shop) send(base, method, target, body string, into any) error {
	req, err := http.NewRequest(method, base+target, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Retailer", s.code)
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s %s %w", method, target, res.Status, answer, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
