// Package schema has the migrations: numbered, one text for both engines, forward only.
//
// A migration that has been released is never edited; a change is the next number. What SQL cannot say to both engines is a
// function that runs after the text, in the same transaction. The package owns the table
// schema_migrations. The first line of each migration names the packages that write its tables, which a test checks.
package schema
