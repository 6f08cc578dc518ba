package mirror

import "testing"

// TestTheLastDigitOfALargeAmountIsCompared: it is beyond what a float64 holds.
func TestTheLastDigitOfALargeAmountIsCompared(t *testing.T) {
	var found []Difference
	source, copied := []byte(`{"a":[{"total":922337203685477.5807}],"b":1}`), []byte(`{"a":[{"total":922337203685477.5806}],"b":1}`)
	compare(Difference{List: "invoices", ID: 1}, value(source), value(copied), func(d Difference) { found = append(found, d) })
	if len(found) != 1 || found[0].Source != "922337203685477.5807" || found[0].Mirror != "922337203685477.5806" {
		t.Errorf("found %+v", found)
	}
}
