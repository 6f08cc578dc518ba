package plan_test

import (
	"encoding/json"
	"flag"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/salestest"
)

var (
	simulate = flag.Int("simulate", 20_000, "how many random operations the simulation runs")
	seed     = flag.Uint64("seed", 12, "where the random operations of the simulation begin")
)

// shopLife is how many operations a simulated shop sees.
const shopLife = 300

// TestRandomOperationsKeepTheBooks runs random operations on random shops in memory, and compares the shops with books that
// are kept in the simplest way: after each operation what it has touched, in the end everything.
func TestRandomOperationsKeepTheBooks(t *testing.T) {
	begun := time.Now()
	refused, left, shop := map[string]int{}, *simulate, *seed
	for ; left > 0 && !t.Failed(); shop++ {
		s := salestest.New(shop)
		for range min(left, shopLife) {
			if op, _, refusal, err := s.Step(); err != nil {
				request, _ := json.Marshal(op)
				t.Errorf("-seed %d, operation %d: %v\nrequest %s\nrefusal %v", shop, s.Done, err, request, refusal)
				break
			}
		}
		left -= s.Done
		for code, n := range s.Refused {
			refused[code] += n
		}
		if t.Failed() {
			break
		}
		for _, finding := range s.Model.Check() {
			t.Errorf("-seed %d, after %d operations: %s", shop, s.Done, finding)
		}
	}
	took := time.Since(begun)
	t.Logf("-seed %d: %d operations on %d shops in %v, %.0f a second; refused %v", *seed, *simulate-left, shop-*seed, took.Round(time.Millisecond),
		float64(*simulate-left)/took.Seconds(), refused)
}
