// Command release builds a release: an archive for each system, with the program, the READMEs, the licence and the list of what is
// compiled in (CycloneDX); for Linux also a .deb and an .rpm, whose unit, configuration and scripts are in packaging; and
// SHA256SUMS. The same commit gives the same bytes, wherever it is built with go.mod's toolchain.
//
//	git tag v0.1.0
//	go -C tools run ./release v0.1.0                  # into dist/; refuses a tree that is not exactly that tag
//	go -C tools run ./release -only linux/arm64 snapshot   # of the current tree
package main
