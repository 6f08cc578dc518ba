package dbtest

import "syscall"

// endWithParent makes the server end at once when its supervisor is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
