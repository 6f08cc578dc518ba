package dbtest

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// A clone whose test has ended goes into a pool for the next test with the same template, in any process. The pool is a
// table of the database postgres.
const createPool = `
	DO $$ BEGIN
		CREATE TABLE clone_pool (template TEXT NOT NULL, name TEXT NOT NULL PRIMARY KEY);
	EXCEPTION WHEN duplicate_table OR duplicate_object OR unique_violation THEN -- created by another process at the same time
	END $$`

// saveContent copies the tables of a template into its schema content.
const saveContent = `
	CREATE SCHEMA content;
	DO $$ DECLARE t NAME; filled BOOLEAN; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
			EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;
			IF filled THEN
				EXECUTE format('CREATE TABLE content.%I AS TABLE public.%I', t, t);
			END IF;
		END LOOP;
	END $$`

// restoreContent replaces the rows of a clone's tables by those in its schema content.
const restoreContent = `
	DO $$ DECLARE t NAME; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
			EXECUTE format('DELETE FROM public.%I', t);
			IF to_regclass(format('content.%I', t)) IS NOT NULL THEN
				EXECUTE format('INSERT INTO public.%I SELECT * FROM content.%I', t, t);
			END IF;
		END LOOP;
	END $$`

// growthMax is how much larger than its template a clone in the pool may be, in bytes: dead rows slow the next test down.
const growthMax = 8 << 20

// takeFromPool removes a clone of a template from the pool and returns its name, or "" if there is none.
func (c *cluster) takeFromPool(ctx context.Context, template string) (name string, err error) {
	conn, err := pgx.Connect(ctx, c.dsn("postgres", nil))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, createPool); err != nil {
		return "", err
	}
	err = conn.QueryRow(ctx, `
		DELETE FROM clone_pool WHERE name = (SELECT name FROM clone_pool WHERE template = $1 FOR UPDATE SKIP LOCKED LIMIT 1)
		RETURNING name`, template).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// returnToPool restores a clone's content and puts it into the pool, or drops it if it has grown.
func (c *cluster) returnToPool(ctx context.Context, template, name string) error {
	conn, err := pgx.Connect(ctx, c.dsn("postgres", nil))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	// A connection that a test has left open must not write into the next test's database.
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
	_, err = conn.Exec(ctx, `INSERT INTO clone_pool (template, name) VALUES ($1, $2)`, template, name)
	return err
}
