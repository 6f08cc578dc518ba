//go:build race

package api_test

// raceDetector makes everything several times slower: what it cannot find is left to runs without it.
const raceDetector = true
