// Package mailtest is an SMTP server on loopback for tests.
package mailtest
