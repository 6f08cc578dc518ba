//go:build race

package dbtest

// RaceDetector is true in a build with -race, which makes everything several times slower: what it cannot find is left to
// runs without it.
const RaceDetector = true
