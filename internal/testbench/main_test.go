package testbench_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/testbench"
)

func TestMain(m *testing.M) {
	dbtest.Main(m, browsertest.Stop, func() { _ = os.RemoveAll(templateDir) })
}

var templateDir string

// demoFile is a file with the shop of the template, which is made once.
var demoFile = sync.OnceValues(func() (file string, err error) {
	if templateDir, err = os.MkdirTemp("", "taphoa-template-"); err != nil {
		return "", err
	}
	s := testbench.New(testbench.Options{Dir: templateDir})
	if err = s.AddTemplate(context.Background(), testbench.DefaultTemplate, testbench.Demo); err != nil {
		return "", err
	}
	return filepath.Join(templateDir, "templates", testbench.DefaultTemplate+".db"), s.Close()
})
