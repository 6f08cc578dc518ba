package trust

import (
	"slices"
	"time"

	"github.com/taphoa/taphoa/internal/certificate"
)

// Maker is what the names of sandboxes' authorities begin with.
const Maker = "Taphoa sandbox"

// VendorHosts are the names under which the vendor's clients know the service: where tokens are, and the API.
var VendorHosts = []string{"id.kiotviet.vn", "public.kiotapi.com"}

// life is how long an authority is valid: a sandbox makes its own at each start.
const life = 90 * 24 * time.Hour

// NewAuthority makes an authority in memory and its certificate for the vendor's hosts, this machine and other hosts.
func NewAuthority(others ...string) (*certificate.Memory, error) {
	hosts := slices.Concat(VendorHosts, []string{"localhost", "127.0.0.1", "::1"})
	for _, h := range others {
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return certificate.NewMemory(Maker, hosts, life)
}
