//go:build !linux

package main

func openFilesLimit() int64     { return -1 }
func fileSystemOf(string) int64 { return 0 }
func ownerOf(string) int64      { return -1 }
