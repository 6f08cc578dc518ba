package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestEightProgramsStartTogetherOnAnEmptyDatabase(t *testing.T) {
	eachEmpty(t, func(t terminal) {
		const programs = 8
		var together sync.WaitGroup
		for i := range programs {
			together.Go(func() {
				command := exec.Command(os.Args[0], "shop", "create", fmt.Sprint("shop", i), "Tạp hóa", "--database", t.database)
				command.Env = append(os.Environ(), asProgram+"=1")
				if out, err := command.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		together.Wait()
		if shops := strings.Count(t.do("shop", "list"), "shop"); shops != programs {
			t.Errorf("%d shops are open, want %d", shops, programs)
		}
	})
}

func TestAnOlderProgramRefusesADatabaseOfANewerOne(t *testing.T) {
	eachEngine(t, func(t terminal) {
		d := dbtest.Open(t, t.database, nil)
		err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
			tx.Everywhere().Queue(`INSERT INTO schema_migrations (name, applied_at) VALUES ('9999_of_the_future.sql', :now)`)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range [][]string{{"serve", "--addr=127.0.0.1:0"}, {"migrate"}, {"check"}, {"shop", "create", "abc", "Tạp hóa"}} {
			if status, _, faults := t.try(command...); status != 1 || !strings.Contains(faults, "9999_of_the_future.sql") {
				t.Errorf("taphoa %s ends with %d and says %q", command[0], status, faults)
			}
		}
	})
}
