package testbench_test

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/testbench"
)

func TestMain(m *testing.M) {
	dbtest.Main(m, browsertest.Stop, func() {
		if templatesDir != "" {
			_ = os.RemoveAll(templatesDir)
		}
	})
}

var templatesDir string

// templates is a sandbox with the templates of all tests: the default one and "empty".
var templates = sync.OnceValues(func() (s *testbench.Sandbox, err error) {
	if templatesDir, err = os.MkdirTemp("", "taphoa-templates"); err != nil {
		return nil, err
	}
	s = testbench.New(testbench.Options{Dir: templatesDir, Log: new(dbtest.Log).Logger()})
	if err = s.AddTemplate(context.Background(), testbench.DefaultTemplate, testbench.Demo); err == nil {
		err = s.AddTemplate(context.Background(), "empty", testbench.Empty)
	}
	return s, err
})
