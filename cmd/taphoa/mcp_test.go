package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestAnAssistantIsToldOfTheDemo: as a process of the assistant's, over its standard input and output.
func TestAnAssistantIsToldOfTheDemo(t *testing.T) {
	s := terminal{T: t}.launch("serve", "--demo", "--addr=127.0.0.1:0")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "mcp", "--url", s.base)
	command.Env = append(os.Environ(), asProgram+"=1")
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, nil).Connect(t.Context(), &sdk.CommandTransport{Command: command}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "find_products", Arguments: json.RawMessage(`{"text":"bia","limit":3}`)})
	if err != nil || got.IsError || !strings.Contains(got.Content[0].(*sdk.TextContent).Text, "Bia") {
		t.Errorf("beer: %+v %v", got, err)
	}
	if got, err = session.CallTool(t.Context(), &sdk.CallToolParams{Name: "set_price"}); err == nil && !got.IsError {
		t.Error("a price is changed without --write")
	}
	if err := session.Close(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// TestAnAssistantIsRefusedWhatMakesNoSense: wrong flags, in words.
func TestAnAssistantIsRefusedWhatMakesNoSense(t *testing.T) {
	x := terminal{T: t}
	x.refused("--max-amount must be an amount", "mcp", "--max-amount=nhiều")
	x.refused("--max-amount must be an amount", "mcp", "--max-amount=-1")
	x.refused("--max-writes must not be negative", "mcp", "--max-writes=-1")
	x.refused("needs a token of at least 20 characters", "mcp", "--http=127.0.0.1:0", "--token=short")
}
