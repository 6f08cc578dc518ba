package main

import (
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
)

// mountDesk has the desk of a database served.
func (s *serving) mountDesk(d *db.DB, handler *api.Server, refused *audit.Refusals) *console.Console {
	o := console.Options{Log: s.log, PublicURL: s.PublicURL, InsecureSignIn: s.InsecureSignIn, Mail: s.mail}
	if s.Demo {
		o.Demo = demo.ShopCode
	}
	desk := console.New(d, handler, access.New(d, access.Options{Log: s.log, Refused: refused}), o)
	handler.Mount(desk, console.Paths...)
	return desk
}
