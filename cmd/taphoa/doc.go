// Command taphoa serves the API over a database and opens shops in it. Each command has a file of its own.
//
// listen and trigger are programs of the shop like any other: they call the API through package client, that of a running
// server or, on the database itself, that of a server in their own process (reach.go).
//
// What it says stands on standard output in lines that programs can read; a failure is one line on standard error and
// exit status 1. The flags of the configuration have TAPHOA_… variables, named in taphoa COMMAND --help.
package main
