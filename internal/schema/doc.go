// Package schema keeps the shape of the tables: numbered migrations, one text for both engines, forward only.
//
// A migration that has been released is never edited; a change is the next number. The package owns the table
// schema_migrations. Which room writes which table stands at the head of each migration and is held by a test.
package schema
