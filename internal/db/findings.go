package db

import (
	"fmt"
	"strings"
)

// Finding is a kind of records that a check looks for: what they are, and the statement that finds their codes.
type Finding struct{ What, SQL string }

// Findings returns a line for each kind of which there are any: how many, and the codes of the first ten.
func Findings(tx *Tx, kinds []Finding) (lines []string, err error) {
	const shown = 10
	for _, k := range kinds {
		codes, err := All[string](tx, k.SQL)
		if err != nil {
			return nil, err
		}
		if len(codes) == 0 {
			continue
		}
		line := fmt.Sprintf("%s: %d: %s", k.What, len(codes), strings.Join(codes[:min(len(codes), shown)], ", "))
		if more := len(codes) - shown; more > 0 {
			line += fmt.Sprintf(" and %d more", more)
		}
		lines = append(lines, line)
	}
	return lines, nil
}
