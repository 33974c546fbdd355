package api

import (
	"net/http"
)

// How many requests of a kind that takes long are answered at once. Whoever comes
// beyond that is asked to come again; nobody waits holding a connection, and what
// else there is to do is not kept from being done.
const (
	rehearsalsAtOnce = 2
	auditsAtOnce     = 2
	reportsAtOnce    = 2
	dossiersAtOnce   = 8
	exportsAtOnce    = 4
)

var tooMany = kind{"too-many-at-once", http.StatusServiceUnavailable, "As many of these as this server does at once are under way; nothing was done. Please try again in a moment.", 5}

// gates are what requests of one kind share: each holds a place while it is
// answered.
type gates map[string]chan struct{} // by operation

func newGates() gates {
	out := gates{}
	for _, g := range []struct {
		most       int
		operations []string
	}{
		{rehearsalsAtOnce, []string{"rehearse"}},
		{auditsAtOnce, []string{"draw-audit", "get-audit"}},
		{reportsAtOnce, []string{"report-programme"}},
		{dossiersAtOnce, []string{"get-decision-dossier", "get-person-dossier"}},
		{exportsAtOnce, []string{"export-ledger"}},
	} {
		places := make(chan struct{}, g.most)
		for _, id := range g.operations {
			out[id] = places
		}
	}
	return out
}

// enter takes a place for an operation, and is a problem where there is none.
// Leave gives it back.
func (g gates) enter(operation string) (leave func(), err error) {
	places, ok := g[operation]
	if !ok {
		return func() {}, nil
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		return nil, tooMany.problem()
	}
}
