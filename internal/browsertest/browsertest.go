package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// chromium is the process of all tests, without a page.
var (
	chromium = sync.OnceValues(func() (context.Context, error) {
		program := ""
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
			if path, err := exec.LookPath(name); err == nil && program == "" {
				program = path
			}
		}
		if program == "" {
			return nil, exec.ErrNotFound
		}
		options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
			chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true))
		ctx, _ := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, _ = chromedp.NewContext(ctx)
		stop = func() { _ = chromedp.Cancel(ctx) }
		return ctx, chromedp.Do(ctx)
	})
	stop = func() {}
)

// Stop ends Chromium. It is for a TestMain, after the tests.
func Stop() { stop() }

// Chromium returns the context of Chromium, in which a test opens tabs. Where it is not installed it skips the test, and fails it
// in CI, which installs it.
func Chromium(t *testing.T) context.Context {
	t.Helper()
	ctx, err := chromium()
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); errors.Is(err, exec.ErrNotFound) && !ci {
		t.Skip("no Chromium here (Debian: apt install chromium)")
	}
	if err != nil {
		t.Fatal("no Chromium here, which CI installs:", err)
	}
	return ctx
}
