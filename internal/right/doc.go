// Package right says what the people of a shop may do: the rights with their sentences, and what a person holds of them. It reads no
// database: who has which role is in package access.
//
// A person holds rights at branches, by roles at each of them or in the whole shop. What is held at a branch is the union of those;
// of two limits the higher one counts, and nothing takes a right away. Each question is answered by [Held]: plans ask it before they
// decide (plan.Actor), lists for the documents to find (db.List), package api for the operation and for the members to show.
//
// No [Held] at all means that nobody's rights count: of the program itself, and of clients, which act as the owner.
package right
