package oauth

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestACacheIsBoundedAndHasTheNewest(t *testing.T) {
	c := newCache[int, int](10)
	for i := range 1000 {
		c.put(i, i, 0)
		if n := len(c.recent) + len(c.older); n > 20 {
			t.Fatalf("%d values are stored", n)
		}
		for j := max(0, i-9); j <= i; j++ {
			if v, ok := c.get(j); !ok || v != j {
				t.Fatalf("of 0 to %d, %d is missing", i, j)
			}
		}
	}
}

func TestAValueReadBeforeADeletionIsNotStored(t *testing.T) {
	c := newCache[int, string](10)
	c.put(1, "old", c.version())
	before := c.version()
	c.delete(1)
	c.put(1, "old", before)
	if v, ok := c.get(1); ok {
		t.Errorf("%s came back", v)
	}
	c.put(1, "new", c.version())
	if v := c.getOr(1, "newer"); v != "new" {
		t.Errorf("stored is %s", v)
	}
}

func TestPlainJSONIsPlainBase64AndMeansTheSame(t *testing.T) {
	letters := []rune("az09>?~\x7f<&/\\\"'+-_ \t\n\x00éđ\u2028\uffff🛒")
	for range 20_000 {
		var b strings.Builder
		for range rand.IntN(12) {
			b.WriteRune(letters[rand.IntN(len(letters))])
		}
		text, err := json.Marshal([]string{b.String()})
		if err != nil {
			t.Fatal(err)
		}
		plain := plainJSON(text)
		var back []string
		if err := json.Unmarshal(plain, &back); err != nil || back[0] != b.String() {
			t.Fatalf("%q became %s, %v", b.String(), plain, err)
		}
		if encoded := base64.RawURLEncoding.EncodeToString(plain); strings.ContainsAny(encoded, "-_") {
			t.Fatalf("%s is encoded as %s", plain, encoded)
		}
	}
}
