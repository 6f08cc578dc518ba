// Package requestlog keeps what programs have lately asked of a shop, for its people to look at: every refusal and every write of a
// week, and one read in a hundred, within a bound in bytes. It owns the table request_log.
//
// Requests do not wait for the log. Those that come faster than it is written are counted and left out, and the log says so. Secrets in
// bodies and addresses are masked before they are stored.
package requestlog
