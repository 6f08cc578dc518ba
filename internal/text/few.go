package text

import (
	"fmt"
	"strings"
)

// Few returns the first ten of some names, and how many follow.
func Few(names []string) string {
	const shown = 10
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}
