// Package plan holds what every plan is given.
//
// A write operation asks for rows, plans, and saves (docs/decisions/0021-ask-plan-save.md). The plan is a pure function:
// packages below internal/…/plan reach neither the database nor a clock. What is not in the rows that were asked for
// comes in a [Context].
package plan
