package dbtest

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
)

// A clone whose test has ended goes into a pool for the next test with the same template. When the process ends, its clones
// go into a table of the database postgres, for the other processes.
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

// restoreContent replaces the rows of a clone's tables by those in its schema content. It passes over tables that have none
// there and an empty file: no test has ever written a row into them.
const restoreContent = `
	DO $$ DECLARE t NAME; BEGIN
		FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
			AND (pg_relation_size(oid) > 0 OR to_regclass(format('content.%I', relname)) IS NOT NULL) LOOP
			EXECUTE format('DELETE FROM public.%I', t);
			IF to_regclass(format('content.%I', t)) IS NOT NULL THEN
				EXECUTE format('INSERT INTO public.%I SELECT * FROM content.%I', t, t);
			END IF;
		END LOOP;
	END $$`

// growthMax is how much larger than its template a clone in the pool may be, in bytes: dead rows slow the next test down.
const growthMax = 8 << 20

// clones are the free databases of this process, and connections to the databases that it has restored before: one that
// knows the tables restores them in a quarter of the time.
type clones struct {
	mu       sync.Mutex
	free     map[string][]string  // by template
	restorer map[string]*pgx.Conn // by name
}

// takeFromPool removes a clone of a template from the pool and returns its name, or "" if there is none.
func (c *cluster) takeFromPool(ctx context.Context, template string) (name string, err error) {
	c.clones.mu.Lock()
	if free := c.clones.free[template]; len(free) > 0 {
		name, c.clones.free[template] = free[len(free)-1], free[:len(free)-1]
	}
	c.clones.mu.Unlock()
	if name != "" {
		return name, nil
	}
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
	c.clones.mu.Lock()
	conn := c.clones.restorer[name]
	delete(c.clones.restorer, name)
	c.clones.mu.Unlock()
	if conn == nil || conn.Ping(ctx) != nil { // a test may have terminated it
		var err error
		if conn, err = pgx.Connect(ctx, c.dsn(name, nil)); err != nil {
			return err
		}
	}
	// A connection that a test has left open must not write into the next test's database.
	var grown int64
	_, err := conn.Exec(ctx, `
		SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err == nil {
		err = conn.QueryRow(ctx, `SELECT pg_database_size(current_database()) - pg_database_size($1)`, template).Scan(&grown)
	}
	if err == nil && grown <= growthMax {
		_, err = conn.Exec(ctx, restoreContent)
	}
	if err != nil || grown > growthMax {
		return errors.Join(err, conn.Close(ctx), c.drop(ctx, name))
	}
	c.clones.mu.Lock()
	defer c.clones.mu.Unlock()
	if c.clones.free == nil {
		c.clones.free, c.clones.restorer = map[string][]string{}, map[string]*pgx.Conn{}
	}
	c.clones.free[template] = append(c.clones.free[template], name)
	c.clones.restorer[name] = conn
	return nil
}

// leaveClones gives the free databases of this process to the next ones.
func (c *cluster) leaveClones(ctx context.Context) error {
	c.clones.mu.Lock()
	defer c.clones.mu.Unlock()
	for _, conn := range c.clones.restorer {
		_ = conn.Close(ctx)
	}
	if len(c.clones.free) == 0 {
		return nil
	}
	conn, err := pgx.Connect(ctx, c.dsn("postgres", nil))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for template, names := range c.clones.free {
		if _, err := conn.Exec(ctx, `INSERT INTO clone_pool (template, name) SELECT $1, unnest($2::TEXT[])`, template, names); err != nil {
			return err
		}
	}
	c.clones.free, c.clones.restorer = nil, nil
	return nil
}
