package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
)

// fromServer listens to the stream of events of a running server, and connects again when it breaks.
func (e *echo) fromServer(ctx context.Context) error {
	if e.ClientID == "" && e.ClientSecret == "" {
		e.ClientID, e.ClientSecret, e.Shop = demo.ClientID, demo.ClientSecret, cmp.Or(e.Shop, demo.ShopCode)
	}
	if e.Shop == "" {
		return errors.New("name the shop with --shop CODE: a server has many")
	}
	e.settings = org.Settings{WebhookSignature: "sha1", WebhookBatch: 1} // a server does not tell what its shop wants
	s := &remote{echo: e, base: strings.TrimRight(e.URL, "/")}
	var (
		branches struct{ Data []taphoa.Branch }
		feed     taphoa.EventFeed
	)
	if err := s.get(ctx, "/branches?pageSize=1", &branches); err != nil {
		return err
	}
	if err := s.get(ctx, "/events?limit=1", &feed); err != nil {
		return err
	}
	if len(branches.Data) > 0 {
		e.retailer = branches.Data[0].RetailerID
	}
	e.begin(feed.Last)
	for pause := time.Second; ctx.Err() == nil; {
		err := s.stream(ctx)
		if refused := (*refusal)(nil); errors.As(err, &refused) && refused.status != http.StatusUnauthorized && refused.status < 500 {
			return err
		}
		if err != nil && ctx.Err() == nil {
			e.program.sayError("taphoa: %s; trying again", e.program.sentence(err))
			s.token = ""
			wait(ctx, pause)
		}
	}
	return nil
}

// remote is a running server that somebody listens to.
type remote struct {
	*echo
	base, token string
}

// refusal is an answer that is not 200.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("the server answers %d: %s", r.status, r.text) }

// call makes a request with a token, a new one when there is none.
func (s *remote) call(ctx context.Context, path string, headers ...string) (*http.Response, error) {
	if s.token == "" {
		form := url.Values{
			"grant_type": {"client_credentials"}, "scopes": {oauth.ScopePublic}, "client_id": {s.ClientID}, "client_secret": {s.ClientSecret},
		}
		var token struct {
			AccessToken string `json:"access_token"`
		}
		answer, err := s.send(ctx, http.MethodPost, "/connect/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		if err := json.UnmarshalRead(answer.Body, &token); err != nil {
			return nil, err
		}
		s.token = token.AccessToken
	}
	return s.send(ctx, http.MethodGet, path, "", append(headers, "Retailer", s.Shop, "Authorization", "Bearer "+s.token)...)
}

func (s *remote) send(ctx context.Context, method, path, body string, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.client.Do(req)
	if err == nil && answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		err = &refusal{answer.StatusCode, text(answer)}
	}
	return answer, err
}

func (s *remote) get(ctx context.Context, path string, into any) error {
	answer, err := s.call(ctx, path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return json.UnmarshalRead(answer.Body, into, json.MatchCaseInsensitiveNames(true))
}

// stream tells of events until the stream ends.
func (s *remote) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(time.Minute, cancel) // the server gives signs of life
	defer silence.Stop()
	query := url.Values{"after": {strconv.FormatInt(s.after, 10)}}
	if len(s.Types) > 0 {
		query.Set("types", strings.Join(s.Types, ","))
	}
	answer, err := s.call(ctx, "/events?"+query.Encode(), "Accept", "text/event-stream")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return fmt.Errorf("the stream has ended: %w", err)
		}
		silence.Reset(time.Minute)
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		switch name {
		case "id":
			if s.after, err = strconv.ParseInt(value, 10, 64); err != nil {
				return err
			}
		case "data":
			var happened taphoa.Event
			if err := json.Unmarshal([]byte(value), &happened, json.MatchCaseInsensitiveNames(true)); err != nil {
				return err
			}
			if err := s.tell(ctx, happened); err != nil {
				return err
			}
		}
	}
}
