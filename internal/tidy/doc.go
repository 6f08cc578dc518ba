// Package tidy holds the rules of the house that a compiler does not know. It has tests and nothing else: they read
// the source, and each rule stands beside a sample that breaks it.
//
//	imports   point down only, as the picture in picture_test.go has it
//	writers   a table is written by one package, the one its migration names
//	engine    only the cellar knows which engine runs
//	clock     a business room's only clock is that of its transaction
//	size      a file has at most 500 lines, a function at most 70
//	surface   the packages for other modules show no type of an internal one
//	doc       every package has a doc.go, every exported name at the root a comment
//	todo      what is put off has the number of an issue
//	words     nothing of the machine that a file was written on
package tidy
