package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/message"
)

type logs struct {
	forkFlags
	Follow bool `help:"Go on with the requests that come."`
}

// loggedRequest is a request of a sandbox's log.
type loggedRequest struct {
	Number    int64        `json:"number"`
	At        taphoa.Stamp `json:"at"`
	Took      int64        `json:"took"`
	Method    string       `json:"method"`
	Path      string       `json:"path"`
	Operation string       `json:"operation"`
	Ours      bool         `json:"ours"`
	Status    int          `json:"status"`
	Said      []struct {
		Name       string `json:"name"`
		Judgement  string `json:"judgement"`
		Documented string `json:"documented"`
	} `json:"said"`
}

const (
	logsPause  = 500 * time.Millisecond // between two looks at the log
	logsAtOnce = 500
)

// Run prints a line for each request of a fork.
func (c *logs) Run(ctx context.Context, p *program) error {
	if err := c.find(ctx, p); err != nil {
		return err
	}
	for after := int64(0); ; {
		page, last, err := c.page(ctx, p, after)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		for i := range page {
			p.showRequest(&page[i])
			after = page[i].Number
		}
		switch {
		case len(page) == logsAtOnce:
		case !c.Follow:
			return nil
		default:
			if last < after { // another fork has the name
				after = 0
			}
			wait(ctx, logsPause)
		}
	}
}

func (c *logs) page(ctx context.Context, p *program, after int64) (all []loggedRequest, last int64, err error) {
	query := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(logsAtOnce)}}
	text, err := c.ask(ctx, p, "shops/"+url.PathEscape(c.Fork)+"/requests", query)
	if err != nil {
		return nil, 0, err
	}
	var answer struct {
		Last int64           `json:"last"`
		Data []loggedRequest `json:"data"`
	}
	if json.Unmarshal(text, &answer) != nil {
		return nil, 0, message.Errorf("what answers at %s is no sandbox", c.URL)
	}
	return answer.Data, answer.Last, nil
}

// Widths of the columns of a request's line.
const (
	methodWidth    = 6
	operationWidth = 24
)

// showRequest prints a request in a line, with the names that are not as documented.
func (p *program) showRequest(r *loggedRequest) {
	colour := green
	if r.Status >= 400 {
		colour = red
	}
	name := r.Operation
	if name == "" {
		name = "-"
	}
	name += strings.Repeat(" ", max(0, operationWidth-utf8.RuneCountInString(name)))
	fmt.Fprintf(p.stdout, "%s  %s %-*s %s %5d ms  %s", clock(taphoa.Time(r.At)), p.style(colour, fmt.Sprint(r.Status)), methodWidth, printable(r.Method),
		p.style(cyan, name), r.Took/1000, printable(r.Path))
	for _, s := range r.Said {
		text := s.Name
		if s.Documented != "" {
			text += " → " + s.Documented
		}
		switch {
		case s.Judgement == "unknown":
			fmt.Fprintf(p.stdout, "  %s", p.style(red, "✗ "+text))
		case s.Judgement == "spelling", s.Judgement == "ours" && !r.Ours:
			fmt.Fprintf(p.stdout, "  %s", p.style(dim, "~ "+text))
		}
	}
	fmt.Fprintln(p.stdout)
}
