// Package console is the desk of the shop: pages in a browser, in Vietnamese first, over the operations of the API.
//
// A page is a description (description.go): the operations that list, show, create and change one kind of record, its columns,
// filters and form. One renderer draws all descriptions (list.go, form.go); pages by hand are those of who comes in: sign-in,
// set-up, links, one's own account; signing in to programs (authorize.go); connections; and what becomes of a webhook. An operation is carried out by [api.Server.Do], so
// a person meets the rules of the API and its sentences. The package owns no tables and has no SQL.
//
// Who is signed in has a cookie with a session of package access; a token of the API is nothing here, and the cookie is
// nothing there. A request from another site changes nothing: [http.CrossOriginProtection] refuses it.
//
// # How it looks
//
// What is drawn is a [Page] (the frame with navigation) or a [Narrow] (signing in, setting up, errors), with components in its
// Body. Each component is a struct of components.go, and the template with its name in templates/ draws it; a component may
// hold others. There is one set of templates a language: their texts are Vietnamese, and are the keys of the English ones.
// Numbers, amounts and dates arrive formatted.
//
// Static files have their hash in their address and are kept by browsers for ever. The pages run under a policy without
// inline scripts and styles: behaviour is in console.js, which finds what to do by data attributes.
package console
