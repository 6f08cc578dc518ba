// Command taphoa serves the API over a database and opens shops in it. Each command has a file of its own.
//
// listen and trigger are programs of the shop like any other: they call the API through package client, that of a running
// server or, on the database itself, that of a server in their own process (reach.go).
//
// What it says stands on standard output; a failure is one line on standard error and exit status 1. The flags of the
// configuration have TAPHOA_… variables, named in taphoa COMMAND --help.
//
// It speaks English or Vietnamese: a text is written in English where it is said, with program.say, program.text or
// message.Errorf, and has its Vietnamese in the catalogue of internal/message. The token {taphoa} in a text is the program
// as it was called. Log lines and JSON are English always. Programs that read the output set TAPHOA_LANG=en.
package main
