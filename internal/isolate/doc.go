// Package isolate runs a command where some host names lead to a server in this process and nothing else can be reached: in
// namespaces of its own, which need no root. Only Linux has them; on other systems [Enter] says so.
//
// [Enter] runs this very program again as the first process of a new PID namespace, with its own mounts and, unless the machine's
// network is kept, a network that has loopback only. Inside, [Prepare] covers the files by which names are resolved and opens the
// ports to serve on, and [Space.Command] runs the command as who has called.
//
// It owns the variable TAPHOA_ISOLATED, by which the program knows that it is inside, and directories "taphoa-sandbox-…" in
// that of temporary files, which are empty outside of the namespaces.
//
// Invariants:
//
//  1. No file of the machine changes: files are covered by others in memory (tmpfs), which end with the namespaces.
//  2. The command has the user, the groups, the directory, the terminal and the capabilities of the caller, and none over the
//     namespaces: it cannot uncover a file, or reach another network.
//  3. Nothing outlives the command: with the first process of a PID namespace, which is this program, the kernel kills all others of
//     it. That process is killed with the one outside (PR_SET_PDEATHSIG), which SIGKILL may end.
//  4. A signal reaches the command once, whether the terminal has sent it to the process group, which has the command in it, or
//     a program to this process alone.
//  5. With a network of its own no name but the given ones and those of loopback is found, and that without waiting. With the machine's
//     network the given names lead to loopback for every family of addresses, whatever resolves names here.
package isolate
