// Package throttle delays callers that fail to authenticate: programs that ask for tokens, people who sign in.
//
// Failures count for the caller in its network and for the network, never for a caller everywhere: no one locks out another
// one elsewhere. What is counted is in memory and bounded; it is lost with the process, whose delays are at most 15 minutes.
package throttle
