package testbench_test

import (
	"testing"

	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
