// Command taphoa serves the API over a database and opens shops in it. Each command has a file of its own.
//
// What it says stands on standard output in lines that programs can read; a failure is one line on standard error and
// exit status 1. The flags of the configuration have TAPHOA_… variables, named in taphoa COMMAND --help.
package main
