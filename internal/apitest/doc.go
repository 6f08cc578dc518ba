// Package apitest tests the API: a server over a shop on either engine, the seed of a small shop,
// transcripts of requests and answers, and a digest that shows whether a refused request has changed anything.
//
// # Transcripts
//
// A transcript is a text file of steps that are sent one after another to a fresh copy of the seeded shops. The same
// file holds for both engines. It documents the API as well as it tests it:
//
//	# What the file shows.
//
//	### What this step shows
//	@setting AllowOrder = false
//	@wait = 60
//	GET /orders/{{order}}
//	Partner: KVSync
//
//	{"the": "body, if any"}
//	----
//	200
//	WWW-Authenticate: jwt
//	{"the": "answer"}
//	< order.update DH000001
//	@order = $.data[0].id
//
// Lines that begin with # between steps are for readers. Before the request, @setting changes a setting of the shop and
// @wait moves the fixed clock by seconds. The request's shop and token are sent unless a header says otherwise, and
// bodies are JSON unless Content-Type says otherwise. After the response, @name = $.path stores a value of it for later
// requests, which use it as {{name}}. A refusal is shown on one line, "! code, member: sentence", which means the
// envelope with just that in it; @verbatim before the request shows the envelope itself. @wrong marks a step whose answer
// should be the one written down but is not yet; the test fails when it is. Records of the seed are named by kind and
// code: {{product:TRA}}; see [Server.ID].
//
// Lines that begin with < are the events that the step has appended to the shop's log, in their order, with those of the
// type internal: the type, and the records that it names, by code or id; a level of stock is product@branch, a price
// book/product. Events of the other shop have its code before the type.
//
// go test -update writes the answers into the files; read the difference before you keep it. Few things vary from run to
// run, because the clock is fixed and ids are given out in order; what does (tokens) is written as "***".
package apitest
