package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/message"
)

// forkFlags are the flags of a command that asks a running sandbox about one of its forks.
type forkFlags struct {
	Fork  string `placeholder:"NAME" help:"The fork; the only one unless given."`
	URL   string `name:"url" variable:"TAPHOA_SANDBOX_URL" default:"http://127.0.0.1:8899" placeholder:"URL" help:"Where the sandbox runs, http://127.0.0.1:8899 unless given."`
	Token string `variable:"TAPHOA_SANDBOX_TOKEN" secret:"" placeholder:"TOKEN" help:"The token that the sandbox has printed, if other machines reach it."`
}

// sandboxTime is how long a sandbox may take to answer.
const sandboxTime = 30 * time.Second

// ask returns the answer to a question about the sandbox.
func (c *forkFlags) ask(ctx context.Context, p *program, path string, query url.Values) ([]byte, error) {
	base, err := webAddress(p.flagOrVariable("--url"), c.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, sandboxTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(base, "/")+"/_sandbox/"+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, message.Errorf("no sandbox answers at %s: %w", c.URL, reason(err))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = refusedBySandbox(answer.StatusCode, text, c.URL)
	}
	return text, err
}

func refusedBySandbox(status int, text []byte, at string) error {
	var refusal struct {
		Message string `json:"message"`
	}
	switch err := json.Unmarshal(text, &refusal); {
	case status == http.StatusUnauthorized && err == nil && refusal.Message != "":
		return message.Errorf("the sandbox at %s wants its token: give --token", at)
	case err != nil || refusal.Message == "":
		return message.Errorf("what answers at %s is no sandbox", at)
	}
	return serverRefusal(refusal.Message)
}

// find makes the only fork the one that is asked about, unless one is named.
func (c *forkFlags) find(ctx context.Context, p *program) error {
	if c.Fork != "" {
		return nil
	}
	text, err := c.ask(ctx, p, "shops", nil)
	if err != nil {
		return err
	}
	var forks []struct {
		Name string `json:"name"`
	}
	var names []string
	if err := json.Unmarshal(text, &forks); err != nil {
		return message.Errorf("what answers at %s is no sandbox", c.URL)
	}
	for _, f := range forks {
		names = append(names, f.Name)
	}
	switch len(names) {
	case 0:
		return message.Errorf("the sandbox has no fork")
	case 1:
		c.Fork = names[0]
		return nil
	}
	return message.Errorf("name the fork with --fork NAME: %s", strings.Join(names, ", "))
}

type sandboxReport struct {
	forkFlags
	Format string `default:"text" enum:"text,json,junit" placeholder:"text|json|junit" help:"How to write the report: for people, for programs or for a CI."`
	Output string `placeholder:"FILE" help:"Write it into this file."`
}

// Run prints what the requests of a fork come to.
func (c *sandboxReport) Run(ctx context.Context, p *program) error {
	if err := c.find(ctx, p); err != nil {
		return err
	}
	text, err := c.ask(ctx, p, "shops/"+url.PathEscape(c.Fork)+"/report", url.Values{"format": {c.Format}, "lang": {string(p.lang)}})
	if err != nil {
		return err
	}
	if c.Output == "" {
		_, err = p.stdout.Write(text)
		return err
	}
	if err := os.WriteFile(c.Output, text, 0o600); err != nil {
		return err
	}
	p.say("wrote %s", c.Output)
	return nil
}
