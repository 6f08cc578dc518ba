// Package browsertest starts the Chromium of tests: one for all tests of a process.
package browsertest
