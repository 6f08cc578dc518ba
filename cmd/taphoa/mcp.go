package main

import (
	"context"
	"errors"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/mcp"
	"github.com/taphoa/taphoa/internal/message"
)

type mcpCommand struct {
	ofShop
	apiFlags
	Write     bool   `help:"Have tools that change the shop: orders, sales, customers, prices."`
	MaxAmount string `variable:"TAPHOA_MCP_MAX_AMOUNT" default:"5000000" placeholder:"DONG" help:"With --write: what one change may be about, 5000000 unless given."`
	MaxWrites int    `variable:"TAPHOA_MCP_MAX_WRITES" default:"20" placeholder:"NUMBER" help:"With --write: how many changes it may make until it is started again, 20 unless given."`
	HTTP      string `name:"http" placeholder:"HOST:PORT" help:"Speak HTTP there, instead of standard input and output; needs --token."`
	Token     string `variable:"TAPHOA_MCP_TOKEN" secret:"" placeholder:"TEXT" help:"With --http: what requests must bear in Authorization, of at least 20 characters."`
	LogLevel  string `variable:"TAPHOA_LOG_LEVEL" default:"warn" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
}

// tokenMin is how long the token of HTTP is at least: shorter ones can be guessed.
const tokenMin = 20

// Run serves until the context ends, or standard input does.
func (c *mcpCommand) Run(ctx context.Context, p *program) error {
	log, err := newLog(p.stderr, c.LogLevel)
	if err != nil {
		return err
	}
	amount, err := taphoa.ParseExactDecimal(c.MaxAmount)
	if err != nil || amount < 0 {
		return message.Errorf("%s must be an amount such as 5000000, not %s", p.flagOrVariable("--max-amount"), c.MaxAmount)
	}
	if c.MaxWrites < 0 {
		return message.Errorf("%s must not be negative", p.flagOrVariable("--max-writes"))
	}
	if c.URL == "" {
		c.URL = "http://127.0.0.1:8080"
	}
	config, err := c.config(p, c.Shop)
	if err != nil {
		return err
	}
	s, err := mcp.New(mcp.Options{
		Client: config, Version: api.ReadBuild().Version, Write: c.Write, MaxAmount: taphoa.Money(amount), MaxWrites: c.MaxWrites,
	})
	if err != nil {
		return err
	}
	if c.HTTP == "" {
		err := s.Run(ctx, &sdk.StdioTransport{})
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if len(c.Token) < tokenMin {
		return message.Errorf("--http needs a token of at least %d characters: in $TAPHOA_MCP_TOKEN, or in the file that $TAPHOA_MCP_TOKEN_FILE names", tokenMin)
	}
	l, err := p.listen(ctx, "--http", c.HTTP)
	if err != nil {
		return err
	}
	server := api.HTTPServer(mcp.Handler(s, c.Token), log)
	context.AfterFunc(ctx, func() { _ = server.Close() })
	p.say("an assistant reaches the shop at %s", "http://"+l.Addr().String())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
