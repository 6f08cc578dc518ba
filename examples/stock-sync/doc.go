// Package stocksync keeps the stock of one shop as another one has it: the one where goods are counted leads, the other one, such as that of
// a marketplace, follows. Products are the same by code.
package stocksync
