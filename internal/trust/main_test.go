package trust_test

import (
	"io"
	"os"
	"testing"
)

// part is the variable that makes the test program do one of the parts of a test.
const part = "TAPHOA_TRUST_TEST"

var parts = map[string]func(){
	"wait": func() { _, _ = io.Copy(io.Discard, os.Stdin) },
}

func TestMain(m *testing.M) {
	if run, ok := parts[os.Getenv(part)]; ok {
		run()
		return
	}
	os.Exit(m.Run())
}
