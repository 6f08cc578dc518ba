// Package quota shares out what there is only so much of: memory, connections, streams. A claim takes its amount from
// several limits at once, such as a client's and everybody's, so that nobody holds a part of what he needs while he waits
// for the rest. Who waits is served in the order of coming, and passed by only for a limit that he alone has used up.
package quota
