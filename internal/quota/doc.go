// Package quota shares limited resources: memory, connections, streams. A claim takes its amount from several limits at
// once, such as a client's and the server's, so that none is held while the claim waits for another. Waiting claims are
// granted in order of arrival; a later claim overtakes an earlier one only if it needs no limit that the earlier one waits for.
package quota
