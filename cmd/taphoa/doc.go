// Command taphoa serves the API over a database and opens shops in it. Each command has a file of its own.
//
// listen and trigger call the API with package client, that of a running server or, with a database, that of a server in
// their own process (api_flags.go).
//
// Output is on standard output; a failure is one line on standard error and exit status 1. The flags of the configuration
// have TAPHOA_… variables, named in taphoa COMMAND --help.
//
// Texts are in English or Vietnamese: the source code has them in English, with program.say, program.text or
// message.Errorf, and the catalogue of internal/message their Vietnamese. The token {taphoa} in a text is replaced with the
// name of the program. Log lines and JSON are always English. Programs that read the output set TAPHOA_LANG=en.
package main
