package dbtest

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// A clone that its test is done with is a spare for the next one that wants the same, in whichever process. Spares are
// named in a table of the database postgres.
const spares = `
	DO $$ BEGIN
		CREATE TABLE spares (template TEXT NOT NULL, name TEXT NOT NULL PRIMARY KEY);
	EXCEPTION WHEN duplicate_table OR duplicate_object OR unique_violation THEN -- by another process, perhaps at this moment
	END $$`

// keepContent puts aside, in a template, what its tables hold.
const keepContent = `
	CREATE SCHEMA content;
	DO $$ DECLARE t NAME; filled BOOLEAN; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
			EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;
			IF filled THEN
				EXECUTE format('CREATE TABLE content.%I AS TABLE public.%I', t, t);
			END IF;
		END LOOP;
	END $$`

// restoreContent makes the tables of a clone hold what they held at first.
const restoreContent = `
	DO $$ DECLARE t NAME; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
			EXECUTE format('DELETE FROM public.%I', t);
			IF to_regclass(format('content.%I', t)) IS NOT NULL THEN
				EXECUTE format('INSERT INTO public.%I SELECT * FROM content.%I', t, t);
			END IF;
		END LOOP;
	END $$`

// growthMax is how much larger than its template a spare may be, in bytes: what was deleted slows the next test down.
const growthMax = 8 << 20

// takeSpare answers a spare clone of a template, or nothing when there is none.
func (c *cluster) takeSpare(ctx context.Context, template string) (name string, err error) {
	conn, err := pgx.Connect(ctx, c.dsn("postgres", nil))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, spares); err != nil {
		return "", err
	}
	err = conn.QueryRow(ctx, `
		DELETE FROM spares WHERE name = (SELECT name FROM spares WHERE template = $1 FOR UPDATE SKIP LOCKED LIMIT 1)
		RETURNING name`, template).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// spare gives a clone its content again and leaves it to the next test, or drops it when it has grown.
func (c *cluster) spare(ctx context.Context, template, name string) error {
	conn, err := pgx.Connect(ctx, c.dsn("postgres", nil))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	// A connection that a test forgot must not write into the next one.
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
		return err
	}
	var grown int64
	if err := conn.QueryRow(ctx, `SELECT pg_database_size($1) - pg_database_size($2)`, name, template).Scan(&grown); err != nil {
		return err
	}
	if grown > growthMax {
		return c.drop(ctx, name)
	}
	if err := c.exec(ctx, name, restoreContent); err != nil {
		return errors.Join(err, c.drop(ctx, name))
	}
	_, err = conn.Exec(ctx, `INSERT INTO spares (template, name) VALUES ($1, $2)`, template, name)
	return err
}
