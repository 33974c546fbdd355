package domain

import "fmt"

// A Refusal is the rules' answer that an act may not happen. It is an answer,
// not a fault: nothing is recorded and nothing is logged. Detail never repeats
// what was sent, since that could be personal.
type Refusal struct {
	Reason string // stable code, a slug
	Detail string // one sentence for a person: what is wrong and what to do
	Field  string // the field concerned, where it is one
}

func (r *Refusal) Error() string { return r.Reason + ": " + r.Detail }

func refuse(reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func refuseField(field, reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Field: field, Detail: fmt.Sprintf(format, args...)}
}
