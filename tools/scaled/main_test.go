package main

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestPricesWithoutAScaleAreRefused(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), analyzer, "shop", taphoa)
}
