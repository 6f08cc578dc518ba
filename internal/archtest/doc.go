// Package archtest tests rules of this module that the compiler does not check. It has tests only: they read the source,
// and each rule has a sample that breaks it.
//
//	imports   point down only, along the layers in layers_test.go
//	writers   a table is written by one package, the one its migration names
//	engine    only the storage layer knows which engine runs
//	clock     the only clock of a business package is that of its transaction
//	size      a file has at most 500 lines, a function at most 70
//	surface   the packages for other modules show no type of an internal one
//	doc       every package has a doc.go, every exported name at the root a comment
//	todo      what is put off has the number of an issue
//	words     nothing of the machine that a file was written on
package archtest
