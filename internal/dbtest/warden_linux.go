package dbtest

import "syscall"

// endWithParent makes the server end at once when its warden is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
