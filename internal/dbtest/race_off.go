//go:build !race

package dbtest

// RaceDetector is false in a build without -race.
const RaceDetector = false
