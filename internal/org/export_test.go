package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// ResolveSaleChannel is [plan.Directory.Channel].
func ResolveSaleChannel(tx *db.Tx, id taphoa.Opt[int64]) (int64, error) {
	d, err := GetDirectory(tx)
	if err != nil {
		return 0, err
	}
	return d.Channel(id)
}
